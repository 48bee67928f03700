/** Words to make people of: names as registers, laboratories and families write them. None belongs to a real person. */

export const FAMILIES = [
  ...["Adeyemi", "Andersson", "Baker", "Bakker", "Bianchi", "Brown", "Carvalho", "Castillo", "Cohen", "Costa"],
  ...["Dubois", "Eriksen", "Fischer", "Fraser", "Garcia", "Gomes", "Hansen", "Haugen", "Hoffmann", "Ivanova"],
  ...["Jansen", "Johnson", "Kaur", "Keller", "Khan", "Kowalska", "Laine", "Larsen", "Lefebvre", "Lindqvist"],
  ...["MacDonald", "Marino", "Meyer", "Mwangi", "Nakamura", "Nilsson", "O'Brien", "Okafor", "Oliveira", "Patel"],
  ...["Peeters", "Petrov", "Quinn", "Ricci", "Rossi", "Sato", "Schneider", "Silva", "Singh", "Suzuki"],
  ...["Tanaka", "Taylor", "Thomson", "Van den Berg", "Virtanen", "Wagner", "Walker", "Williams", "Wong", "Yilmaz"],
] as const;

export const WOMEN = [
  ...["Aisha", "Amelia", "Astrid", "Beatriz", "Camille", "Carla", "Charlotte", "Deborah", "Eleanor", "Emma"],
  ...["Fatou", "Freya", "Giulia", "Hannah", "Ingrid", "Isabel", "Jasmine", "Karin", "Laura", "Leila"],
  ...["Louise", "Maria", "Martha", "Nadia", "Nina", "Olivia", "Priya", "Rosa", "Sofia", "Yuki"],
] as const;

export const MEN = [
  ...["Adrian", "Ahmed", "Anton", "Bruno", "Carlos", "Daniel", "David", "Emil", "Felix", "George"],
  ...["Hiroshi", "Hugo", "Isaac", "Jan", "Jorge", "Karl", "Kwame", "Lars", "Leo", "Marco"],
  ...["Mikko", "Nils", "Oscar", "Paolo", "Rajesh", "Samuel", "Stefan", "Thomas", "Victor", "Walter"],
] as const;

/** One person's name in two ways of writing it: `[family, given]` twice. */
export const TRANSLITERATIONS = [
  [
    ["Müller", "Jörg"],
    ["Mueller", "Joerg"],
  ],
  [
    ["Müller", "Jürgen"],
    ["Muller", "Jurgen"],
  ],
  [
    ["Groß", "Käthe"],
    ["Gross", "Kaethe"],
  ],
  [
    ["Sørensen", "Bjørn"],
    ["Soerensen", "Bjoern"],
  ],
  [
    ["Åkesson", "Märta"],
    ["Aakesson", "Maerta"],
  ],
  [
    ["Øverby", "Håkon"],
    ["Overby", "Haakon"],
  ],
  [
    ["Łukaszewicz", "Paweł"],
    ["Lukaszewicz", "Pawel"],
  ],
  [
    ["Dvořák", "Jiří"],
    ["Dvorak", "Jiri"],
  ],
  [
    ["Yılmaz", "Şükrü"],
    ["Yilmaz", "Sukru"],
  ],
  [
    ["Nguyễn", "Thị Hồng"],
    ["Nguyen", "Thi Hong"],
  ],
  [
    ["Đặng", "Văn Minh"],
    ["Dang", "Van Minh"],
  ],
  [
    ["Núñez", "Begoña"],
    ["Nunez", "Begona"],
  ],
  [
    ["D'Angelo", "Nicolò"],
    ["Dangelo", "Nicolo"],
  ],
  [
    ["O’Connor", "Siobhán"],
    ["OConnor", "Siobhan"],
  ],
  [
    ["Þórsdóttir", "Guðrún"],
    ["Thorsdottir", "Gudrun"],
  ],
  [
    ["Чайковский", "Юрий"],
    ["Tchaikovsky", "Yuri"],
  ],
  [
    ["Tschaikowski", "Juri"],
    ["Chaykovskiy", "Yuriy"],
  ],
  [
    ["Иванова", "Юлия"],
    ["Ivanova", "Yulia"],
  ],
  [
    ["Шевченко", "Олександр"],
    ["Shevchenko", "Oleksandr"],
  ],
  [
    ["Παπαδοπούλου", "Ελένη"],
    ["Papadopoulou", "Eleni"],
  ],
  [
    ["محمد", "أحمد"],
    ["Mohammed", "Ahmad"],
  ],
  [
    ["Mohammed", "Ahmad"],
    ["Muhammad", "Ahmed"],
  ],
  [
    ["Hussein", "Fatima"],
    ["Husain", "Fatemeh"],
  ],
  [
    ["Al-Sayed", "Youssef"],
    ["Elsayed", "Yousef"],
  ],
  [
    ["כהן", "שרה"],
    ["Cohen", "Sarah"],
  ],
  [
    ["王", "丽"],
    ["Wang", "Li"],
  ],
  [
    ["田中", "花子"],
    ["Tanaka", "Hanako"],
  ],
  [
    ["Ōta", "Yūko"],
    ["Ohta", "Yuuko"],
  ],
  [
    ["김", "민수"],
    ["Kim", "Min-su"],
  ],
  [
    ["Kim", "Min-su"],
    ["Gim", "Minsu"],
  ],
  [
    ["शर्मा", "प्रिया"],
    ["Sharma", "Priya"],
  ],
] as const;

/** A given name as it is registered and as it is used. */
export const NICKNAMES = [
  ["William", "Bill"],
  ["Robert", "Bob"],
  ["Margaret", "Peggy"],
  ["Elizabeth", "Liz"],
  ["Katherine", "Kate"],
  ["James", "Jim"],
  ["Alexander", "Alex"],
  ["Francisco", "Paco"],
  ["José", "Pepe"],
  ["Christopher", "Chris"],
  ["Theodora", "Dora"],
  ["Cheyenne", "Chey"],
] as const;

/** How wards write a child that has no name yet, before the family name. */
export const UNNAMED = ["Baby", "Baby Boy", "Baby Girl", "Newborn", "Infant", "BG", "Babyboy", "Neonate"] as const;

/** What stands for a number that nobody knew. */
export const NO_NUMBERS = ["UNKNOWN", "N/A", "0000000000", "9999999999", "none", "1111111111", "NK", "-"] as const;
