"""Invented names of many lengths and scripts. None is taken from a real person."""

GIVEN = (
    "Ana", "Bo", "Céline", "Dmitri", "Eleanor", "Faduma", "Gao Nou", "Hawa", "Ines", "Jorge",
    "Kwame", "Lýdia", "Marisol", "Ngọc Ánh", "Olu", "Priya", "Quincy", "Renée", "Søren", "Tasha",
    "Umar", "Victoria", "Winona", "Xiomara", "Yer", "Zoë", "Abdirahman", "Benedikta", "Cher",
    "Đặng", "Elżbieta", "François", "Guðrún", "Hser Nay", "Iñaki", "Jamal", "Khadija", "Leszek",
    "Mỹ Linh", "Naw Paw", "Óscar", "Pa Kou", "Rahel", "Şebnem", "Tủ", "Ubah", "Vasyl", "Willow",
    "Ximena", "Yusuf", "Zeynep", "Al", "Bartholomew", "Christabella", "Dashawn", "Everett",
)
FAMILY = (
    "Adeyemi", "Björnsdóttir", "Carver", "Delgado Núñez", "Eriksen", "Farah", "Garcia", "Her",
    "Ivanova", "Johnson", "Kowalczyk", "Lor", "Moua", "Nguyễn", "O’Sullivan", "Pham", "Quispe",
    "Redbird", "Šimkutė", "Thao", "Ueda", "Vang", "Whitehorse", "Xiong", "Yang", "Zimmermann",
    "Abdi Warsame", "Böhm", "Cárdenas", "Dvořák", "Ek", "Fitzwilliam-Harrington", "Günther",
    "Hasan", "Ibarra", "Jansen", "Krüger", "Łukasik", "Mbeki", "Ødegaard", "Petrov", "Ruiz",
    "Sørensen", "Trần", "Valdez", "Wójcik", "Yılmaz", "Þórsson", "Li", "Ng",
)
WHOLE = (
    "عبد الرحمن الحداد",
    "نور الهدى محمود",
    "စောဖိုးခွား",
    "နော်ဧးထူ",
    "စီၤဖိၣ်ဒိၣ်",
    "မမြင့်မြင့်ခိုင်",
    "Оксана Шевченко",
    "Ελένη Παπαδοπούλου",
    "አበበ በቀለ",
    "Nguyễn Thị Phương Thảo",
    "María de los Ángeles Fernández-Montenegro y Castellanos de la Vega",
    "Wilhelmina Alexandrina Theodora Constantia van den Bergh-Hohenlohe",
    "Y",
    "Jo Ng",
)
BIRDS = (
    "Avocet", "Bittern", "Bluebird", "Bobolink", "Bunting", "Chickadee", "Crane", "Curlew",
    "Dipper", "Dove", "Dunlin", "Egret", "Falcon", "Finch", "Flicker", "Goldeneye", "Grebe",
    "Grouse", "Harrier", "Heron", "Ibis", "Jay", "Junco", "Kestrel", "Killdeer", "Kingfisher",
    "Lark", "Longspur", "Loon", "Martin", "Merlin", "Nuthatch", "Oriole", "Osprey", "Owl",
    "Partridge", "Pelican", "Phoebe", "Pipit", "Plover", "Quail", "Rail", "Raven", "Redpoll",
    "Robin", "Sandpiper", "Shrike", "Siskin", "Snipe", "Sparrow", "Starling", "Swallow", "Swan",
    "Tanager", "Teal", "Tern", "Thrush", "Towhee", "Vireo", "Warbler", "Waxwing", "Willet",
    "Woodcock", "Wren",
)


def invented_name(random):
    """One name; about one in eight is in another script or very long or very short."""
    if random.random() < 0.12:
        return random.choice(WHOLE)
    name = f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
    return f"{name}-{random.choice(FAMILY)}" if random.random() < 0.08 else name


def staff_name(random):
    return f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
