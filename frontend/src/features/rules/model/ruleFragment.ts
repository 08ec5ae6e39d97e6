import { graphql, type ResultOf } from '~/gql/graphql';

export const RuleDetail = graphql(`
  fragment RuleDetail on AlertRule @_unmask {
    id
    name
    description
    isEnabled
    version
    machine {
      id
      name
    }
    machineKind
    levels {
      severity
      condition
      words
    }
    onDelaySeconds
    offDelaySeconds
    cooldownSeconds
    schedule {
      timeZone
      days
      from
      to
    }
    overrides {
      machineId
      isEnabled
      numbers {
        key
        threshold
        clear
        low
        high
        seconds
        forSeconds
      }
    }
    cost
    isBroken
    troubles {
      machineId
      reason
    }
    watchedMachines
    firing {
      machineId
      severity
      since
    }
    lastFiredAt
  }
`);

export type Rule = ResultOf<typeof RuleDetail>;
