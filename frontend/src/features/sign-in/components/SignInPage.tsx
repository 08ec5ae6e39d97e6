import { Button, PasswordInput, TextInput } from '@mantine/core';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Note } from '~/ui/Note';
import { type LoginRefusal, useLogin } from '../hooks/useLogin';
import { safeTarget } from '../model/target';
import classes from './SignInPage.module.css';

const route = getRouteApi('/sign-in');

function RefusalNote({ refusal, waitMs }: { refusal: LoginRefusal; waitMs: number }) {
  return (
    <Note role="alert">
      {refusal.message}
      {refusal.retryAt !== undefined && (
        <> {waitMs > 0 ? `You can try again in ${formatSpan(waitMs + 999)}.` : 'You can try again now.'}</>
      )}
    </Note>
  );
}

export function SignInPage() {
  const { to } = route.useSearch();
  const router = useRouter();
  const login = useLogin();
  const now = useNow();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [refusal, setRefusal] = useState<LoginRefusal | null>(null);
  const waitMs = Math.max(0, (refusal?.retryAt ?? 0) - now);

  useEffect(() => {
    document.title = 'Sign in · Plantwright';
  }, []);

  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await login({ email: email.trim(), password });
    setIsSending(false);
    setRefusal(refused);
    if (!refused) {
      router.history.push(safeTarget(to));
    }
  };

  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={(event) => void handleSubmit(event)} aria-label="Sign in">
        <h1>Plantwright</h1>
        <p className="pw-dim">
          {safeTarget(to) === '/fleet'
            ? 'Sign in to see your machines.'
            : 'Sign in to go on to the page you had open.'}
        </p>
        {refusal && <RefusalNote refusal={refusal} waitMs={waitMs} />}
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          size="md"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          size="md"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        <Button type="submit" size="md" className="pw-target" disabled={isSending || waitMs > 0}>
          {isSending ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}
