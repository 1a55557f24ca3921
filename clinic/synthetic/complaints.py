"""What people say about a lesion and what a clinician asks, by what the lesion is drawn to be."""

SITES: dict[str, tuple[str, ...]] = {
    "nv": (
        "back",
        "back",
        "abdomen",
        "chest",
        "upper_arm",
        "thigh",
        "lower_leg",
        "neck",
        "shoulder",
    ),
    "mel": ("back", "back", "lower_leg", "lower_leg", "shoulder", "upper_arm", "chest", "face"),
    "bkl": ("back", "back", "chest", "face", "neck", "abdomen", "scalp", "thigh"),
    "bcc": ("face", "face", "face", "ear", "neck", "scalp", "shoulder", "back"),
    "akiec": ("face", "scalp", "scalp", "ear", "hand", "forearm", "lower_leg"),
    "vasc": ("chest", "abdomen", "abdomen", "thigh", "face", "genital", "oral"),
    "df": ("lower_leg", "lower_leg", "thigh", "thigh", "upper_arm", "forearm", "buttock"),
}
"""Where each is found most; a site named twice is twice as likely."""

ACRAL = ("palm_sole", "palm_sole", "foot", "hand")
"""Where melanoma is found in dark skin (types V and VI)."""

HISTORIES: dict[str, tuple[str, ...]] = {
    "nv": (
        "There since childhood, unchanged as far as known.",
        "Noticed at the hairdresser's, no symptoms.",
        "New in the last year, slowly larger, no itching.",
        "One of many moles; partner asked to have it seen.",
    ),
    "mel": (
        "Darker and larger over the last six months. Bled once after towelling.",
        "Long-standing mole that has changed its outline since spring; itches at times.",
        "Not sure since when. Father had a melanoma at 58.",
        "Noticed by spouse eight weeks ago, growing. Several sunburns in childhood.",
    ),
    "bkl": (
        "Rough patch for years, catches on clothes.",
        "Several similar ones on the trunk; this one got darker.",
        "Crumbles off at times and comes back. No bleeding.",
    ),
    "bcc": (
        "Sore that will not heal since last winter; bleeds when shaving.",
        "Shiny bump, slowly larger over two years. Worked outdoors.",
        "Was frozen off three years ago, has come back at the edge of the scar.",
    ),
    "akiec": (
        "Rough, scaly, tender when touched. Much sun, wears no hat.",
        "Treated with cream last year, cleared, now back.",
        "Kidney transplant 2016, on immunosuppression. New crusts on sun-exposed skin.",
    ),
    "vasc": (
        "Red spot that bled heavily after a scratch.",
        "Soft, dark red, there for years. Worried by its colour.",
        "Appeared within weeks during pregnancy.",
    ),
    "df": (
        "Firm button after an insect bite, unchanged for two years.",
        "Hard lump, dimples when squeezed. Nicked while shaving.",
        "No symptoms, seen at a routine check.",
    ),
}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "nv": (
        "Ordinary mole? Does it need follow-up?",
        "Reassure, or photograph again in three months?",
        "Patient asks for removal: any reason to send it to pathology?",
    ),
    "mel": (
        "Melanoma? How soon should it be excised?",
        "Asymmetry and several colours. Please advise with priority.",
        "Ugly duckling among many moles: excise?",
    ),
    "bkl": (
        "Seborrhoeic keratosis? Nothing else hidden in it?",
        "Benign? May I treat it with cryotherapy?",
    ),
    "bcc": (
        "Basal cell carcinoma? Refer for surgery or treat topically?",
        "Recurrence at the scar's edge? Please advise on margins.",
    ),
    "akiec": (
        "Actinic keratosis or already Bowen's disease? Biopsy first?",
        "Field treatment, or biopsy of the thickest part?",
    ),
    "vasc": (
        "Haemangioma or pyogenic granuloma? Could it be amelanotic melanoma?",
        "Harmless angioma? Patient is anxious.",
    ),
    "df": (
        "Dermatofibroma? Leave it alone?",
        "Firm nodule with a pale centre: biopsy needed?",
    ),
}
