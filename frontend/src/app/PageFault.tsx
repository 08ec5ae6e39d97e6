import { Button } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import classes from '~/ui/states.module.css';

/** The inner boundary: a page failed, navigation and alarm summary stay. */
export function PageFault() {
  const router = useRouter();
  return (
    <section className={classes.state} role="alert">
      <h1>This page stopped working</h1>
      <p>The rest of Plantwright still runs. Try again, or open another page.</p>
      <Button className="pw-target" variant="default" onClick={() => void router.invalidate()}>
        Try again
      </Button>
    </section>
  );
}
