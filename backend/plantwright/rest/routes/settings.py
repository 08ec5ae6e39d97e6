"""Settings of the tenant, and detection settings of single metrics."""

from uuid import UUID

from plantwright.rest.documents import mutation
from plantwright.rest.route import RestRoute, body_as_input, item
from plantwright.rest.shapes import Body, Payload, WholeNumber

DETECTION = (
    "{ enabled baselineThreshold baselineMinSamples ewmaLambda ewmaThreshold rateThreshold confirmReadings "
    "clearSeconds criticalFactor }"
)
MACHINE_CHART = "{ enabled threshold confirmFrames clearSeconds criticalFactor }"
_SETTINGS = f"anomalyWeight offlineAfterSeconds detection {DETECTION} machineChart {MACHINE_CHART}"
METRIC = f"fragment MetricFields on Metric {{ id name unit hasOwnDetection detection {DETECTION} }}"


class DetectionChange(Payload):
    """Fields left out stay as they are; docs/detectors.md has ranges and reasons."""

    enabled: bool | None = None
    baseline_threshold: float | None = None
    baseline_min_samples: WholeNumber | None = None
    ewma_lambda: float | None = None
    ewma_threshold: float | None = None
    rate_threshold: float | None = None
    confirm_readings: WholeNumber | None = None
    clear_seconds: WholeNumber | None = None
    critical_factor: float | None = None


class MachineChartChange(Payload):
    """Of the machine as a whole; fields left out stay as they are; docs/detectors.md has ranges and reasons."""

    enabled: bool | None = None
    threshold: float | None = None
    confirm_frames: WholeNumber | None = None
    clear_seconds: WholeNumber | None = None
    critical_factor: float | None = None


class SettingsChange(Payload):
    """All of it is changed or nothing; fields left out stay as they are."""

    anomaly_weight: float | None = None
    offline_after_seconds: WholeNumber | None = None
    detection: DetectionChange | None = None
    machine_chart: MachineChartChange | None = None


class Detection(Body):
    enabled: bool
    baseline_threshold: float
    baseline_min_samples: int
    ewma_lambda: float
    ewma_threshold: float
    rate_threshold: float
    confirm_readings: int
    clear_seconds: float
    critical_factor: float


class MachineChartSettings(Body):
    enabled: bool
    threshold: float
    confirm_frames: int
    clear_seconds: int
    critical_factor: float


class Settings(Body):
    anomaly_weight: float
    offline_after_seconds: int
    detection: Detection
    machine_chart: MachineChartSettings


class Metric(Body):
    id: UUID
    name: str
    unit: str
    has_own_detection: bool
    detection: Detection


ROUTES = (
    RestRoute(
        method="GET",
        path="/settings",
        summary="Settings in force for the whole tenant.",
        document=f"{{ settings {{ {_SETTINGS} }} }}",
        answer=Settings,
    ),
    RestRoute(
        method="PATCH",
        path="/settings",
        summary="Change settings of the tenant. Admins only.",
        document=mutation("settingsUpdate", f"settings {{ {_SETTINGS} }}"),
        body=SettingsChange,
        answer=Settings,
        variables=body_as_input(),
        result=item("settings"),
    ),
    RestRoute(
        method="PATCH",
        path="/metrics/{metric_id}/detection",
        summary="Give a metric detection settings of its own. Admins and operators.",
        document=mutation("metricDetectionUpdate", "metric { ...MetricFields }", METRIC),
        body=DetectionChange,
        answer=Metric,
        variables=lambda call: {"input": {"metricId": call.path["metric_id"], "detection": dict(call.body)}},
        result=item("metric"),
    ),
    RestRoute(
        method="DELETE",
        path="/metrics/{metric_id}/detection",
        summary="Drop the metric's own detection settings: the tenant's are in force again. Admins and operators.",
        document=mutation("metricDetectionUpdate", "metric { ...MetricFields }", METRIC),
        answer=Metric,
        variables=lambda call: {"input": {"metricId": call.path["metric_id"], "detection": None}},
        result=item("metric"),
    ),
)
