"""The picture of the work: what was read, how long it took, who agreed, who was right."""

from clinic.selectors.statistics.agreement import Agreement
from clinic.selectors.statistics.comparison import ChangedMinds, Comparison
from clinic.selectors.statistics.period import PERIODS, Period, last_weeks
from clinic.selectors.statistics.work import Picture, Work, picture_of_work
from clinic.selectors.statistics.workload import Workload

__all__ = [
    "PERIODS",
    "Agreement",
    "ChangedMinds",
    "Comparison",
    "Period",
    "Picture",
    "Work",
    "Workload",
    "last_weeks",
    "picture_of_work",
]
