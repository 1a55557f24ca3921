"""Names for people who do not exist: short and long, with every letter that breaks a form."""

FEMALE = (
    "Ada", "Aïcha", "Amina", "Anneliese", "Ayşe", "Beatriz", "Birgit", "Catriona", "Chiamaka",
    "Dagný", "Đorđina", "Eilidh", "Élodie", "Fatoumata", "Giulia", "Hanako", "Ingeborg",
    "Jelena", "Kateřina", "Lakshmi", "Leilani", "Łucja", "Mairéad", "María del Carmen",
    "Mei-Ling", "Nadezhda", "Ngozi", "Ólöf", "Orsolya", "Parisa", "Quỳnh", "Rosalind", "Ruth",
    "Saoirse", "Shirin", "Siobhán", "Thandiwe", "Ümmühan", "Valentina Maria-Magdalena",
    "Wilhelmina", "Xóchitl", "Yuki", "Zsófia",
)  # fmt: skip
MALE = (
    "Abdulrahman", "Åke", "Alejandro", "Andrzej", "Bartholomew", "Björn", "Bo", "Chukwuemeka",
    "Ciarán", "Dmitri", "Emre", "Étienne", "Farid", "François-Xavier", "Gábor",
    "Giovanni Battista", "Hamza", "Hiroshi", "Ioannis", "Jean-Baptiste", "Jørgen", "José Luis",
    "Kofi", "Kwabena", "László", "Li", "Mohammed", "Nguyên", "Ngũgĩ", "Øyvind", "Patrice",
    "Ravi", "Rodrigo", "Sven", "Tadeusz", "Tāne", "Theophilus", "Tomáš", "Vuk", "Wei", "Xavier",
    "Yusuf", "Žarko",
)  # fmt: skip
ANY = ("Alex", "Ariel", "Dara", "Jamie", "Kim", "Noor", "Robin", "Sasha", "Toni", "Yael")
FAMILY = (
    "Abernathy", "Adeyemi-Okonkwo", "Ågren", "Al-Zahrawi", "Andriamanitra", "Bachchan",
    "Bjarnadóttir", "Božić", "Castellanos y Rivera", "Chatterjee", "D'Agostino", "Dąbrowska",
    "De la Fuente Montenegro", "Diallo", "Đặng", "Eriksen", "Fernández",
    "Fitzgerald-Worthington", "Gaviria", "Guðmundsson", "Haddad", "Hoang", "Ibáñez", "Ito",
    "Jankowiak", "Kārkliņš", "Kipchoge", "Kovács", "Le", "Lindqvist", "Mac Giolla Phádraig",
    "Mbeki", "Müller", "Nakamura", "Ng", "Nwosu", "O", "Ó Súilleabháin", "Okafor", "Oyelaran",
    "Papadimitrakopoulou", "Petrović", "Quiñones", "Rahman", "Ramanathan Subramaniam",
    "Rosenqvist", "Saarinen", "Şahin", "Schlüter", "Silva", "Tanaka", "Te Rangihīroa",
    "Thorvaldsen", "Tran", "Tshabalala", "Ueda", "Vanterpool", "van der Westhuizen",
    "von und zu Hohenfels-Waldmarkt", "Wójcik", "Xhaferi", "Yılmaz", "Zhang", "Zieliński",
)  # fmt: skip
