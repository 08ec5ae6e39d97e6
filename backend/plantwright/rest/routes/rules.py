"""Composite rules: lists, changes, checks and trials."""

from typing import Any

from plantwright.rest.documents import USER_ERROR, connection, mutation, query
from plantwright.rest.route import Call, RestRoute, body_as_input, item, path_as, query_as_filter
from plantwright.rest.routes.rule_shapes import (
    Rule,
    RuleChange,
    RuleCheck,
    RuleIn,
    RuleParameters,
    RuleSwitch,
    RuleTrial,
    TrialRequest,
)
from plantwright.rules.service import RULE_NOT_FOUND

RULE = (
    "fragment RuleFields on AlertRule { id name description isEnabled machine { id name } machineKind "
    "levels { severity condition words } onDelaySeconds offDelaySeconds cooldownSeconds "
    "schedule { timeZone days from to } overrides { machineId isEnabled "
    "numbers { key threshold clear low high seconds forSeconds } } version cost isBroken "
    "troubles { machineId reason } watchedMachines firing { machineId severity since } lastFiredAt "
    "createdAt updatedAt }"
)
_PAGE, _SKIP = connection(
    "alertRules", "...RuleFields", RULE, variables="$filter: AlertRuleFilter", arguments="filter: $filter"
)
_TRIAL = (
    "query AlertRuleTrial($input: AlertRuleTrialInput!) { alertRuleTrial(input: $input) { __typename "
    "... on AlertRuleTrial { from to timesFired activeSeconds readings machineIds "
    "intervals { machineId from to severity message } days firedPerDay "
    "alerts { id machineId cause severity message raisedAt clearedAt } "
    "series { machineId series { metric unit bucketSeconds times values minimums maximums } } "
    f"troubles {{ machineId reason }} }} {USER_ERROR} }} }}"
)


def _change(call: Call) -> dict[str, Any]:
    body = dict(call.body)
    version = body.pop("expectedVersion")
    return {"input": {"id": call.path["rule_id"], "expectedVersion": version, "rule": body}}


ROUTES = (
    RestRoute(
        method="GET",
        path="/alert-rules",
        summary="Rules, by name.",
        document=_PAGE,
        skip_document=_SKIP,
        query=RuleParameters,
        answer=Rule,
        variables=query_as_filter,
    ),
    RestRoute(
        method="POST",
        path="/alert-rules",
        summary="Make a rule. Admins only.",
        document=mutation("alertRuleCreate", "rule { ...RuleFields }", RULE),
        body=RuleIn,
        answer=Rule,
        variables=lambda call: {"input": {"rule": dict(call.body)}},
        result=item("rule"),
        status=201,
    ),
    RestRoute(
        method="POST",
        path="/alert-rules/check",
        summary="What is wrong with a rule that is not saved yet.",
        document=query(
            "query AlertRuleCheck($rule: AlertRuleInput!) { alertRuleCheck(rule: $rule) "
            "{ problems { path message } words cost maxCost } }"
        ),
        body=RuleIn,
        answer=RuleCheck,
        variables=lambda call: {"rule": dict(call.body)},
    ),
    RestRoute(
        method="POST",
        path="/alert-rules/trial",
        summary="How often a rule, saved or not, would have fired on stored readings, and when.",
        document=_TRIAL,
        body=TrialRequest,
        answer=RuleTrial,
        variables=body_as_input(),
    ),
    RestRoute(
        method="GET",
        path="/alert-rules/{rule_id}",
        summary="One rule.",
        document=query("query AlertRule($id: ID!) { alertRule(id: $id) { ...RuleFields } }", RULE),
        answer=Rule,
        variables=path_as(id="rule_id"),
        not_found=RULE_NOT_FOUND,
    ),
    RestRoute(
        method="PUT",
        path="/alert-rules/{rule_id}",
        summary="Replace a rule; it begins anew. Admins only.",
        document=mutation("alertRuleUpdate", "rule { ...RuleFields }", RULE),
        body=RuleChange,
        answer=Rule,
        variables=_change,
        result=item("rule"),
    ),
    RestRoute(
        method="PATCH",
        path="/alert-rules/{rule_id}",
        summary="Switch a rule on or off. Admins only.",
        document=mutation("alertRuleSetEnabled", "rule { ...RuleFields }", RULE),
        body=RuleSwitch,
        answer=Rule,
        variables=body_as_input(id="rule_id"),
        result=item("rule"),
    ),
    RestRoute(
        method="DELETE",
        path="/alert-rules/{rule_id}",
        summary="Delete a rule for good. Admins only.",
        document=mutation("alertRuleDelete", "id"),
        answer=None,
        variables=body_as_input(id="rule_id"),
        status=204,
    ),
)
