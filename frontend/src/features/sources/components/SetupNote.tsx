import { Link } from '@tanstack/react-router';
import { Note } from '~/ui/Note';
import type { Setup } from '../hooks/useSetup';

/** Says when the server reads no devices, and how that is changed. */
export function SetupNote({ setup }: { setup: Setup | null }) {
  if (!setup || setup.isOpen) {
    return null;
  }
  return (
    <Note role="status">
      <p>
        <strong>Reading devices directly is switched off on this server.</strong> {setup.message}
      </p>
      <p className="pw-dim">
        The variable is set for the API and the worker, which are then restarted. An edge agent inside the
        plant’s network needs none of this: <Link to="/connect">connect a machine</Link> and choose “An edge
        agent reads it”.
      </p>
    </Note>
  );
}
