"""The taxonomy of diagnoses: a versioned tree in rows."""

from django.db import models


class Malignancy(models.TextChoices):
    """Tri-state: some classes span two (HAM10000's `akiec` joins keratosis and carcinoma)."""

    BENIGN = "benign", "Benign"
    INDETERMINATE = "indeterminate", "Indeterminate"
    MALIGNANT = "malignant", "Malignant"


class Diagnosis(models.Model):
    """A node of the tree. Rows come from `clinic/taxonomy/*.json`, never from Python code."""

    taxonomy_version = models.CharField(max_length=20)
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    malignancy = models.CharField(max_length=14, choices=Malignancy)
    is_selectable = models.BooleanField(default=True, help_text="False for headings of the tree.")
    position = models.PositiveSmallIntegerField(default=0)
    ham10000 = models.CharField("HAM10000", max_length=10, blank=True)
    isic2019 = models.CharField("ISIC 2019", max_length=10, blank=True)
    icd10 = models.CharField("ICD-10", max_length=10, blank=True)
    snomed_ct = models.CharField("SNOMED CT", max_length=20, blank=True)
    codes_verified = models.BooleanField(
        default=False, help_text="A person has checked the codes against their source."
    )

    class Meta:
        verbose_name_plural = "diagnoses"
        ordering = ["taxonomy_version", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy_version", "code"], name="diagnosis_code_unique_in_version"
            ),
            models.CheckConstraint(
                condition=models.Q(malignancy__in=Malignancy.values),
                name="diagnosis_malignancy_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def class_node(self) -> "Diagnosis | None":
        """The node itself or the nearest one above that is a class of HAM10000, or None.

        A melanoma in situ is a melanoma. Walks up `parent`, which should be loaded.
        """
        node: Diagnosis | None = self
        while node is not None and not node.ham10000:
            node = node.parent
        return node

    @property
    def kind(self) -> str:
        """The class of HAM10000 that it belongs to, else its own code."""
        node = self.class_node
        return node.ham10000 if node else self.code
