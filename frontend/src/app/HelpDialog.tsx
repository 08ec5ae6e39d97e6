import tables from '~/ui/DataTable.module.css';
import { Dialog } from '~/ui/Dialog';

const shortcuts = [
  ['g f', 'Fleet overview'],
  ['g a', 'Alerts'],
  ['g w', 'Work orders'],
  ['g e', 'Agents (at the edge)'],
  ['g o', 'Sources (of readings)'],
  ['g t', 'Audit trail'],
  ['g s', 'Settings'],
  ['j or ↓', 'Next alert in the list'],
  ['k or ↑', 'Previous alert in the list'],
  ['a', 'Acknowledge the selected alert'],
  ['s', 'Shelve the selected alert'],
  ['c', 'Comment on the selected alert'],
  ['t', 'Open the details of the selected alert'],
  ['Enter', 'Open the moment of the selected alert'],
  ['?', 'This help'],
  ['Esc', 'Close a dialog'],
] as const;

interface HelpDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function HelpDialog({ isOpen, onClose }: HelpDialogProps) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose}>
      <table className={tables.table}>
        <thead>
          <tr>
            <th scope="col">Keys</th>
            <th scope="col">What they do</th>
          </tr>
        </thead>
        <tbody>
          {shortcuts.map(([keys, action]) => (
            <tr key={keys}>
              <td>
                <kbd className="pw-code">{keys}</kbd>
              </td>
              <td>{action}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
