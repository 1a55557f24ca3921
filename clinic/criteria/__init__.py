"""Dermoscopic criteria that add up to a score: the 7-point checklist and the ABCD rule."""

from clinic.criteria.abcd import ABCD
from clinic.criteria.refusals import WrongCriteria
from clinic.criteria.seven_point import SevenPoint
from clinic.criteria.sheet import Criteria

__all__ = ["ABCD", "Criteria", "SevenPoint", "WrongCriteria"]
