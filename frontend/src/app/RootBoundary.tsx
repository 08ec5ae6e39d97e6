import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

interface RootBoundaryState {
  hasFailed: boolean;
}

/** The outer boundary: for faults that take the frame of the page with them. */
export class RootBoundary extends Component<{ children: ReactNode }, RootBoundaryState> {
  override state: RootBoundaryState = { hasFailed: false };

  static getDerivedStateFromError(): RootBoundaryState {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) {
      return this.props.children;
    }
    return (
      <main role="alert" style={{ padding: '2rem', display: 'grid', gap: '1rem', justifyItems: 'start' }}>
        <h1>Plantwright stopped on this page</h1>
        <p>Nothing was lost on the server. Reload to continue; monitoring goes on meanwhile.</p>
        <Button className="pw-target" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </main>
    );
  }
}
