export type AlertOutcome = 'GENUINE' | 'NUISANCE' | 'FALSE_ALARM';

export const outcomeWords: Record<AlertOutcome, string> = {
  GENUINE: 'There was trouble',
  NUISANCE: 'It was so, but there was nothing to do',
  FALSE_ALARM: 'False alarm: nothing was wrong',
};

export const outcomes = Object.keys(outcomeWords) as AlertOutcome[];
