import type { ReactNode } from 'react';
import { useEffect } from 'react';

interface PageHeaderProps {
  title: string;
  children?: ReactNode;
}

/** The page's heading and its tools; also names the browser tab. */
export function PageHeader({ title, children }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Plantwright`;
  }, [title]);
  return (
    <header className="pw-spread pw-page-header">
      <h1>{title}</h1>
      {children && <div className="pw-row">{children}</div>}
    </header>
  );
}
