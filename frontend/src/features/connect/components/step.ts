import type { DraftState } from '../hooks/useConnectDraft';

/** What each step of the flow is given. */
export interface StepProps extends Pick<DraftState, 'draft' | 'change'> {
  onNext: () => void;
  onBack: () => void;
}
