import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { RuleDetail } from './ruleFragment';

export const AlertRules = graphql(
  `
    query AlertRules($first: Int!, $after: String, $filter: AlertRuleFilter) {
      alertRules(first: $first, after: $after, filter: $filter) {
        nodes {
          ...RuleDetail
        }
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [RuleDetail],
);

export const AlertRuleQuery = graphql(
  `
    query AlertRule($id: ID!) {
      alertRule(id: $id) {
        ...RuleDetail
      }
    }
  `,
  [RuleDetail],
);

export const AlertRuleCheck = graphql(`
  query AlertRuleCheck($rule: AlertRuleInput!) {
    alertRuleCheck(rule: $rule) {
      problems {
        path
        message
      }
      words
      cost
      maxCost
    }
  }
`);

export type AlertRuleCheckVariables = VariablesOf<typeof AlertRuleCheck>;

export const AlertRuleTrial = graphql(`
  query AlertRuleTrial($input: AlertRuleTrialInput!) {
    alertRuleTrial(input: $input) {
      __typename
      ... on AlertRuleTrial {
        from
        to
        timesFired
        activeSeconds
        readings
        machineIds
        intervals {
          machineId
          from
          to
          severity
          message
        }
        days
        firedPerDay
        alerts {
          id
          cause
          severity
          message
          raisedAt
          clearedAt
        }
        series {
          machineId
          series {
            metric
            unit
            times
            values
            minimums
            maximums
          }
        }
        troubles {
          machineId
          reason
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type TrialResult = ResultOf<typeof AlertRuleTrial>['alertRuleTrial'];
export type RuleTrial = Extract<TrialResult, { __typename: 'AlertRuleTrial' }>;

export const RuleMachines = graphql(`
  query RuleMachines($first: Int!, $after: String) {
    machines(first: $first, after: $after, orderBy: NAME) {
      nodes {
        id
        name
        kind
        metrics {
          name
          unit
        }
      }
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export type RuleMachine = ResultOf<typeof RuleMachines>['machines']['nodes'][number];

export const alertRuleCreate = graphql(
  `
    mutation AlertRuleCreate($input: AlertRuleCreateInput!) {
      alertRuleCreate(input: $input) {
        __typename
        ... on AlertRuleCreateSuccess {
          rule {
            ...RuleDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RuleDetail],
);

export const alertRuleUpdate = graphql(
  `
    mutation AlertRuleUpdate($input: AlertRuleUpdateInput!) {
      alertRuleUpdate(input: $input) {
        __typename
        ... on AlertRuleUpdateSuccess {
          rule {
            ...RuleDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RuleDetail],
);

export const alertRuleSetEnabled = graphql(
  `
    mutation AlertRuleSetEnabled($input: AlertRuleSetEnabledInput!) {
      alertRuleSetEnabled(input: $input) {
        __typename
        ... on AlertRuleSetEnabledSuccess {
          rule {
            ...RuleDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RuleDetail],
);

export const alertRuleDelete = graphql(`
  mutation AlertRuleDelete($input: AlertRuleDeleteInput!) {
    alertRuleDelete(input: $input) {
      __typename
      ... on AlertRuleDeleteSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);
