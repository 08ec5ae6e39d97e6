import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatDateTime } from '~/lib/format';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { type PushBrowser, usePush } from '../hooks/usePush';
import { type PushSupport, pushSupport } from '../model/browserPush';
import classes from './Notifications.module.css';
import { OwnLanguage } from './OwnLanguage';

const advice: Record<Exclude<PushSupport, 'possible'>, string> = {
  unsupported:
    'This browser cannot show notifications of this page. It needs HTTPS or localhost; on an iPhone or iPad, add the page to the home screen first.',
  blocked:
    'Notifications of this page are blocked in this browser. Allow them beside the address, then reload.',
};

interface BrowserItemProps {
  browser: PushBrowser;
  isThis: boolean;
  onTest: () => void;
  onRemove: () => void;
}

function BrowserItem({ browser, isThis, onTest, onRemove }: BrowserItemProps) {
  return (
    <li className="pw-spread">
      <span>
        <strong>{browser.name}</strong>
        {isThis && ' (this browser)'}
        <span className={classes.small}>
          since {formatDateTime(browser.createdAt)}
          {browser.lastError && `; last error: ${browser.lastError}`}
        </span>
      </span>
      <span className="pw-row">
        <Button variant="default" className="pw-target" aria-label={`Test ${browser.name}`} onClick={onTest}>
          Test
        </Button>
        <Button
          variant="default"
          className="pw-target"
          aria-label={`Stop in ${browser.name}`}
          onClick={onRemove}
        >
          Stop
        </Button>
      </span>
    </li>
  );
}

/** One's own browsers that show notifications. Permission is asked for only when the button is pressed. */
export function PushPanel() {
  const { browsers, error, refetch, endpoint, subscribe, unsubscribe, test } = usePush();
  const [message, setMessage] = useState<{ text: string; isProblem: boolean } | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const support = pushSupport();
  const isOn = browsers?.some((one) => one.endpoint === endpoint) ?? false;
  const run = async (action: () => Promise<{ text: string; isProblem: boolean } | null>): Promise<void> => {
    setIsBusy(true);
    setMessage(await action());
    setIsBusy(false);
  };
  const handleSubscribe = () =>
    run(async () => {
      const outcome = await subscribe();
      return outcome.ok ? null : { text: outcome.problem.message, isProblem: true };
    });
  const handleRemove = (one: string) =>
    run(async () => {
      const outcome = await unsubscribe(one);
      return outcome.ok ? null : { text: outcome.problem.message, isProblem: true };
    });
  const handleTest = (id: string) =>
    run(async () => {
      const outcome = await test(id);
      return outcome.ok
        ? { text: outcome.value.detail, isProblem: !outcome.value.isDelivered }
        : { text: outcome.problem.message, isProblem: true };
    });
  return (
    <section className="pw-panel pw-stack" aria-labelledby="push-title">
      <h2 id="push-title">Notifications to me</h2>
      <OwnLanguage />
      <p>
        A browser shows new warnings and criticals, and what escalations send to you, also while this page is
        closed, until you sign out in it.
      </p>
      {message && <Note role={message.isProblem ? 'alert' : 'status'}>{message.text}</Note>}
      {error && !browsers && (
        <ErrorState what="Your browsers could not be loaded." error={error} onRetry={refetch} />
      )}
      {!browsers && !error && <SkeletonRows label="Loading your browsers" count={1} />}
      {browsers && browsers.length > 0 && (
        <ul className="pw-list pw-stack">
          {browsers.map((browser) => (
            <BrowserItem
              key={browser.id}
              browser={browser}
              isThis={browser.endpoint === endpoint}
              onTest={() => void handleTest(browser.id)}
              onRemove={() => void handleRemove(browser.endpoint)}
            />
          ))}
        </ul>
      )}
      {support !== 'possible' && <p className="pw-dim">{advice[support]}</p>}
      {browsers && support === 'possible' && !isOn && (
        <div className="pw-row">
          <Button className="pw-target" disabled={isBusy} onClick={() => void handleSubscribe()}>
            Show notifications in this browser
          </Button>
        </div>
      )}
    </section>
  );
}
