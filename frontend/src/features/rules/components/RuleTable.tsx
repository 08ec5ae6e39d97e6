import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { severityWords } from '~/lib/alarm';
import { Age } from '~/ui/Age';
import tables from '~/ui/DataTable.module.css';
import { Note } from '~/ui/Note';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { StateMark } from '~/ui/StateMark';
import { useRuleMutations } from '../hooks/useRuleMutations';
import type { Rule } from '../model/ruleFragment';
import { scopeWords } from '../model/words';
import classes from './Rules.module.css';

/** What the rule does right now. */
function RuleState({ rule }: { rule: Rule }) {
  const { firing, troubles } = rule;
  if (!rule.isEnabled) {
    return <StateMark shape="bars" word="Off" isAbnormal={false} />;
  }
  if (rule.isBroken) {
    return (
      <>
        <StateMark shape="struck" word="Broken" isAbnormal />
        <span className={classes.small}>{troubles[0]?.reason}</span>
      </>
    );
  }
  if (firing.length > 0) {
    return <StateMark shape="triangle" word={`Holds on ${firing.length}`} isAbnormal />;
  }
  return <StateMark shape="circle" word="Watching" isAbnormal={false} />;
}

interface RuleRowProps {
  rule: Rule;
  isBusy: boolean;
  onSetEnabled: ((rule: Rule) => void) | undefined;
}

function RuleRow({ rule, isBusy, onSetEnabled }: RuleRowProps) {
  return (
    <tr>
      <td>
        <RuleState rule={rule} />
      </td>
      <th scope="row" className={classes.name}>
        <Link to="/rules/$ruleId" params={{ ruleId: rule.id }}>
          {rule.name}
        </Link>
        <span className={classes.small}>{scopeWords(rule)}</span>
      </th>
      <td>
        {rule.levels.map(({ severity, words }) => (
          <span key={severity} className={classes.level}>
            <SeveritySymbol severity={severity} isDecorative size={16} />
            <span>
              {severityWords[severity]}: {words}
            </span>
          </span>
        ))}
      </td>
      <td data-number>{rule.lastFiredAt ? <Age time={rule.lastFiredAt} isStale={false} /> : 'Never'}</td>
      {onSetEnabled && (
        <td>
          <Button
            variant="default"
            className="pw-target"
            disabled={isBusy}
            aria-label={`Switch ${rule.name} ${rule.isEnabled ? 'off' : 'on'}`}
            onClick={() => onSetEnabled(rule)}
          >
            {rule.isEnabled ? 'Switch off' : 'Switch on'}
          </Button>
        </td>
      )}
    </tr>
  );
}

interface RuleTableProps {
  rules: readonly Rule[];
  canChange: boolean;
  onChanged: () => void;
}

export function RuleTable({ rules, canChange, onChanged }: RuleTableProps) {
  const { setEnabled } = useRuleMutations();
  const [busyId, setBusyId] = useState<string | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSetEnabled = async ({ id, isEnabled }: Rule): Promise<void> => {
    setBusyId(id);
    const outcome = await setEnabled(id, !isEnabled);
    setBusyId(null);
    setProblem(outcome.ok ? null : outcome.problem);
    onChanged();
  };
  return (
    <>
      {problem && <Note role="alert">{problem.message}</Note>}
      <div className={tables.frame}>
        <table className={tables.table}>
          <caption className="pw-hidden">Rules, by name</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Rule</th>
              <th scope="col">Says</th>
              <th scope="col" data-number>
                Last fired
              </th>
              {canChange && (
                <td>
                  <span className="pw-hidden">Switch</span>
                </td>
              )}
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <RuleRow
                key={rule.id}
                rule={rule}
                isBusy={busyId === rule.id}
                onSetEnabled={canChange ? (one) => void handleSetEnabled(one) : undefined}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
