import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  size?: string;
  children: ReactNode;
}

/** A dialog below the top bar, so that it never covers the alarm summary. */
export function Dialog({ title, isOpen, onClose, size = 'lg', children }: DialogProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={title}
      size={size}
      yOffset="calc(var(--shell-top, 4rem) + 1.5rem)"
      transitionProps={{ duration: 0 }}
      overlayProps={{ backgroundOpacity: 0.45 }}
      closeButtonProps={{ 'aria-label': 'Close', size: 44 }}
      styles={{
        content: { background: 'var(--pw-panel)', border: '1px solid var(--pw-border-strong)' },
        header: { background: 'var(--pw-panel)' },
        title: { fontWeight: 600, fontSize: '1.0625rem' },
      }}
    >
      {children}
    </Modal>
  );
}
