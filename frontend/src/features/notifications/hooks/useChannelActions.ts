import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import type { ChannelAction } from '../components/ChannelRow';
import type { Tested } from '../components/TestNote';
import type { Channel } from '../model/channelFragment';
import { useChannelMutations } from './useChannelMutations';

/** What lies over the list: a form, a question, or a secret that is shown once. */
export type Overlay =
  | { kind: 'form'; channel: Channel | null }
  | { kind: 'delete'; channel: Channel }
  | { kind: 'secret'; secret: string; isRotated: boolean };

export interface Resent {
  name: string;
  count: number;
}

interface ChannelActions {
  overlay: Overlay | null;
  tested: Tested | null;
  /** What came of sending again. */
  resent: Resent | null;
  problem: UserProblem | null;
  busyId: string | null;
  open: (overlay: Overlay | null) => void;
  act: (action: ChannelAction, channel: Channel) => Promise<void>;
}

/** What people do with the channels of a list, and what came of it. */
export function useChannelActions(refetch: () => void): ChannelActions {
  const { update, test, rotate, resendAll } = useChannelMutations();
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  const [resent, setResent] = useState<Resent | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [busyId, setBusyId] = useState<string | null>(null);
  const run = async (action: ChannelAction, channel: Channel): Promise<void> => {
    if (action === 'test') {
      setTested({ name: channel.name, outcome: await test(channel.id) });
    } else if (action === 'switch') {
      const outcome = await update({ id: channel.id, isActive: !channel.isActive });
      setProblem(outcome.ok ? null : outcome.problem);
    } else if (action === 'resend') {
      const outcome = await resendAll(channel.id);
      setProblem(outcome.ok ? null : outcome.problem);
      setResent(outcome.ok ? { name: channel.name, count: outcome.value.resent } : null);
    } else if (action === 'rotate') {
      const outcome = await rotate(channel.id);
      setProblem(outcome.ok ? null : outcome.problem);
      if (outcome.ok) {
        setOverlay({ kind: 'secret', secret: outcome.value.signingSecret, isRotated: true });
      }
    }
  };
  const act = async (action: ChannelAction, channel: Channel): Promise<void> => {
    setTested(null);
    setResent(null);
    setProblem(null);
    if (action === 'edit' || action === 'delete') {
      setOverlay(action === 'edit' ? { kind: 'form', channel } : { kind: 'delete', channel });
      return;
    }
    setBusyId(channel.id);
    await run(action, channel);
    setBusyId(null);
    refetch();
  };
  return { overlay, tested, resent, problem, busyId, open: setOverlay, act };
}
