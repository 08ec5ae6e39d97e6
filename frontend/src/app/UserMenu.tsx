import { Menu, useMantineColorScheme } from '@mantine/core';
import { toWords } from '~/lib/format';
import { useViewer } from '~/lib/viewer';
import classes from './Shell.module.css';
import { useSignOut } from './useSignOut';

const schemes = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'As the system' },
] as const;

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return `${words[0]?.charAt(0) ?? ''}${words.length > 1 ? (words.at(-1)?.charAt(0) ?? '') : ''}`.toUpperCase();
}

interface UserMenuProps {
  onHelp: () => void;
}

export function UserMenu({ onHelp }: UserMenuProps) {
  const viewer = useViewer();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={260} transitionProps={{ duration: 0 }} zIndex={500}>
      <Menu.Target>
        <button type="button" className={classes.userButton}>
          {viewer ? initials(viewer.fullName) : '…'} <span className="pw-hidden">User menu</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {viewer && (
          <Menu.Label>
            {viewer.fullName} · {toWords(viewer.role)}
            <br />
            {viewer.tenantName}
          </Menu.Label>
        )}
        <Menu.Divider />
        <Menu.Label>Theme</Menu.Label>
        {schemes.map(({ value, label }) => (
          <Menu.RadioItem
            key={value}
            value={value}
            checked={colorScheme === value}
            onChange={() => setColorScheme(value)}
            className="pw-target"
          >
            {label}
          </Menu.RadioItem>
        ))}
        <Menu.Divider />
        <Menu.Item className="pw-target" onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item className="pw-target" onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
