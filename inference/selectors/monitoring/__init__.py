"""Every read of the monitoring page, its alerts and its metrics."""

from inference.selectors.monitoring.alerts import open_alerts, recent_alerts, visible_alerts
from inference.selectors.monitoring.picture import Monitoring, monitoring_picture
from inference.selectors.monitoring.scope import Scope, monitored_models, monitoring_scope

__all__ = [
    "Monitoring",
    "Scope",
    "monitored_models",
    "monitoring_picture",
    "monitoring_scope",
    "open_alerts",
    "recent_alerts",
    "visible_alerts",
]
