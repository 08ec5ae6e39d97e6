"""The schema: every room's part of each root type."""

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from plantwright.graphql.agents.mutations import AgentsMutation
from plantwright.graphql.agents.queries import AgentsQuery
from plantwright.graphql.agents.subscriptions import AgentsSubscription
from plantwright.graphql.alerts.mutations import AlertsMutation
from plantwright.graphql.alerts.queries import AlertsQuery
from plantwright.graphql.alerts.subscriptions import AlertsSubscription
from plantwright.graphql.assets.mutations import AssetsMutation
from plantwright.graphql.assets.queries import AssetsQuery
from plantwright.graphql.detection.machine_chart import MachineChartMutation, MachineChartQuery
from plantwright.graphql.detection.machine_chart_trial import MachineChartTrialQuery
from plantwright.graphql.detection.machine_reference import MachineReferenceMutation, MachineReferenceQuery
from plantwright.graphql.detection.queries import DetectionQuery
from plantwright.graphql.escalation.on_call_mutations import OnCallMutation
from plantwright.graphql.escalation.policy_mutations import EscalationPolicyMutation
from plantwright.graphql.escalation.queries import EscalationQuery
from plantwright.graphql.escalation.quiet_mutations import QuietHoursMutation
from plantwright.graphql.health.queries import HealthQuery
from plantwright.graphql.identity.mutations import IdentityMutation
from plantwright.graphql.identity.queries import IdentityQuery
from plantwright.graphql.journal.queries import JournalQuery
from plantwright.graphql.journal.subscriptions import JournalSubscription
from plantwright.graphql.limits import extensions
from plantwright.graphql.maintenance.mutations import MaintenanceMutation
from plantwright.graphql.maintenance.queries import MaintenanceQuery
from plantwright.graphql.notifications.channel_mutations import NotificationChannelsMutation
from plantwright.graphql.notifications.deliveries import DeliveriesQuery, NotificationsSubscription
from plantwright.graphql.notifications.mutations import NotificationsMutation
from plantwright.graphql.notifications.own_language import OwnLanguageMutation, OwnLanguageQuery
from plantwright.graphql.notifications.push import PushMutation, PushQuery
from plantwright.graphql.notifications.queries import NotificationsQuery
from plantwright.graphql.readings.export import ReadingsExportQuery
from plantwright.graphql.readings.queries import ReadingsQuery
from plantwright.graphql.readings.subscriptions import ReadingsSubscription
from plantwright.graphql.rules.mutations import RulesMutation
from plantwright.graphql.rules.queries import RulesQuery
from plantwright.graphql.scalars import SCALARS
from plantwright.graphql.settings.mutations import SettingsMutation
from plantwright.graphql.settings.queries import SettingsQuery
from plantwright.graphql.sources.looking import SourcesLookMutation
from plantwright.graphql.sources.mutations import SourcesMutation
from plantwright.graphql.sources.queries import SourcesQuery
from plantwright.graphql.storage.mutations import StorageMutation
from plantwright.graphql.storage.queries import StorageQuery


@strawberry.type
class Query(
    IdentityQuery,
    AssetsQuery,
    ReadingsQuery,
    ReadingsExportQuery,
    AlertsQuery,
    MaintenanceQuery,
    JournalQuery,
    SettingsQuery,
    DetectionQuery,
    MachineReferenceQuery,
    MachineChartQuery,
    MachineChartTrialQuery,
    HealthQuery,
    StorageQuery,
    AgentsQuery,
    RulesQuery,
    SourcesQuery,
    EscalationQuery,
    NotificationsQuery,
    DeliveriesQuery,
    PushQuery,
    OwnLanguageQuery,
):
    pass


@strawberry.type
class Mutation(
    IdentityMutation,
    AssetsMutation,
    AlertsMutation,
    MaintenanceMutation,
    SettingsMutation,
    MachineReferenceMutation,
    MachineChartMutation,
    StorageMutation,
    AgentsMutation,
    RulesMutation,
    SourcesMutation,
    SourcesLookMutation,
    EscalationPolicyMutation,
    OnCallMutation,
    QuietHoursMutation,
    NotificationChannelsMutation,
    NotificationsMutation,
    PushMutation,
    OwnLanguageMutation,
):
    pass


@strawberry.type
class Subscription(
    ReadingsSubscription, AlertsSubscription, JournalSubscription, AgentsSubscription, NotificationsSubscription
):
    pass


class QuietSchema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Unexpected errors are logged where they are masked; expected ones are the caller's business."""


def build_schema(*, is_sorted: bool = False) -> strawberry.Schema:
    """Sorted for printing only: sorting copies types, and unions then no longer know their members."""
    return QuietSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=extensions(),
        config=StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS, sort_schema=is_sorted),
    )
