// The everyday insults of Indonesian chats, class by class (lists/id_insults.txt), and innocent words next to them.
#include <doctest/doctest.h>

#include "unit/core/moderation/moderation_stage.hpp"

namespace cariosan::test {
namespace {

using namespace core::moderation;

/// Hidden even if only strong words are.
void check_strong(std::initializer_list<const char*> texts) { check_hidden(texts, profanity_rules(Severity::strong)); }

/// Hidden, but not if only strong words are.
void check_mild(std::initializer_list<const char*> texts) {
    check_hidden(texts);
    check_clean(texts, profanity_rules(Severity::strong));
}

}  // namespace

TEST_CASE("insults: stupid") {
    check_strong({"goblok", "tolol", "bego", "tolil", "dungu", "dungunya", "kedunguan", "terdungu", "geblek",
                  "gebleklu", "bloon", "blo'on", "pekok", "dongo", "bangang", "otak udang", "otak dengkul",
                  "otaknya di dengkul", "ga punya otak", "gak ada otak", "tak berotak", "idiot"});
    check_mild({"bodoh", "kebodohan", "koplak", "telmi", "oon", "dasar o'on", "o'on lu", "bebal", "otak kosong",
                "lemot lu", "otaknya kosong", "mikir pake dengkul"});
    check_strong({"dasar bodoh", "bodoh lu", "lu bodoh", "kamu bodoh", "si bodoh", "orang bodoh", "bodo kau",
                  "kalian bodoh", "pemain bodoh", "bodoh semua"});
    CHECK(moderated("pertanyaan bodoh, maaf", profanity_rules(Severity::strong)) == "pertanyaan bodoh, maaf");
    check_clean({"bodo amat", "internet lemot", "dodol Garut enak", "geblek renteng", "Pak Pandir", "Haji Bolot",
                 "gulai otak sapi", "dungun", "begitu", "bengong", "tolong", "bloknya"});
}

TEST_CASE("insults: crazy") {
    check_strong({"sinting", "sintinglu", "sarap", "sarapnya"});
    check_mild({"gila lu", "lu gila", "dasar gila", "orang gila", "emang gila", "gila nih orang", "gendeng",
                "sakit jiwa", "ga waras", "wong edan", "edan lo", "stres lu"});
    check_clean({"gila banget keren", "gila! gratis", "gila, mahal amat", "jaman edan", "rumah sakit jiwa", "sarapan",
                 "saraf", "stres", "Wiro Sableng", "ketawa kayak orang gila", "gilang", "gendang"});
}

TEST_CASE("insults: shameless and servile") {
    check_mild({"ga tau malu", "gak tahu malu", "tidak tahu malu", "nggak tau diri", "kagak punya malu", "muka tembok",
                "urat malu", "kacung", "penjilat", "mental babu", "penjilatnya"});
    check_strong({"jongos", "cecunguk", "begundal"});
    check_clean({"malu", "aku malu", "tahu diri", "tembok", "menjilat es krim", "kacang", "babu", "budak", "antek",
                 "tidak tahu jalan"});
}

TEST_CASE("insults: wicked and worthless") {
    check_strong({"keparat", "bedebah", "bajingan", "brengsek", "laknat", "woi setan", "biadap lu", "manusia sampah",
                  "dasar sampah", "sampah masyarakat", "dasar setan", "setan lu", "iblis kau", "anak setan",
                  "biadab lu", "dasar bejat", "najis lu", "najis banget", "mulut comberan", "cewek murahan"});
    check_mild({"biadab", "biadap", "bejat", "bejad", "kebejatan", "sialan", "kurang ajar", "pecundang",
                "bermuka dua"});
    check_clean({"buang sampah lu", "tempat sampah", "najis mughallazah", "hukum najis", "setan", "iblis",
                 "godaan setan yang terkutuk", "neraka jahanam", "harga murahan", "laknat Allah", "kena laknat",
                 "sialnya", "muka", "kurang aja"});
}

TEST_CASE("insults: curses of death, eyes and heads") {
    check_strong({"mampus lu", "mati lo", "mati aja lu", "mati kau", "semoga lu mati", "modar kowe", "ke neraka lu",
                  "mati aja sana", "matamu picek", "mata lu buta", "ndasmu", "raimu", "cangkemmu", "congormu",
                  "picek"});
    check_hidden({"bunuh diri sana", "gantung diri sana"}, profanity_rules(Severity::extreme));
    check_mild({"mampus", "modar", "gundulmu", "otak lu", "jaga mulutmu", "mata lu", "muka lu", "lambemu"});
    check_clean({"mati lampu", "mati sia-sia", "indah matamu", "lambe turah", "matanya", "aku pengen bunuh diri aja",
                 "hp mati aja", "mendasar", "raimuna", "modal"});
}

TEST_CASE("insults: animals pass where they are meant literally") {
    check_strong({"monyet", "monyetlu", "kunyuk", "munyuk", "muka monyet", "babi lu", "cicing nani"});
    check_mild({"dasar kambing", "dasar tikus", "muka kadal", "dasar lintah", "kutu kupret", "beruk"});
    check_clean({"monyet ekor panjang", "cacar monyet", "topeng monyet", "cinta monyet", "kambing lu berapa ekor",
                 "kambing", "kerbau", "ular", "binatang jalang", "cicing heula", "asus", "kodok"});
}

TEST_CASE("insults: looks, poverty, lies and foreign words") {
    check_mild({"jelek lu", "dasar gembel", "burik", "dasar miskin", "lu norak", "dasar penipu", "munafik lo",
                "pengecut lu", "dasar loser", "gembrot", "beban keluarga", "bjir", "ngocok", "porno"});
    check_strong({"fakyu", "madafaka", "kamvret", "dasar pelacur", "pekob", "ngaloco", "ontohod", "bangsyat"});
    check_hidden({"cokin", "pap ma"}, profanity_rules(Severity::extreme));
    check_clean({"jelek", "miskin", "penipu", "penipuan", "munafik", "gendut", "ngocok arisan", "cedera selangkangan",
                 "bau", "kampung", "Fak. Hukum"});
}

TEST_CASE("insults keep their spans and their disguises") {
    CHECK(moderated("eh lu bodoh banget sih") == "eh *** banget sih");
    CHECK(moderated("dasar gembel, pergi!") == "***, pergi!");
    CHECK(moderated("ga tau malu banget") == "*** banget");
    CHECK(moderated("dungu2an") == "***2an");
    check_hidden({"dunguuu", "dun9u", "d u n g u", "DUNGU", "d*ngu", "s1nting", "mony3t", "m0nyet", "monyettt",
                  "kon tol", "an jing", "g4 punya 0tak", "dasar   gila", "jon9os"});
}

TEST_CASE("insults: chat spellings") {
    check_strong({"gblk lu", "golbok", "goblok bgt", "tolol bgtt", "bego bgt", "anjieg", "anyeng", "bangst lu", "bngsatt", "mnyed",
                  "kmprett", "jancux", "janchok", "brngsek", "kprat", "bedebahhh", "idioth", "bangkei"});
    check_clean({"gobel", "belok", "golok", "jambul", "ajengan", "moneter", "bangku"});
}

TEST_CASE("insults: regional ones") {
    check_strong({"asu kowe", "pekok tenan", "rai asu", "ra duwe utek", "cangkemmu kui", "goblog sia", "teu uyahan", "teu boga uteuk",
                  "bodat kau", "paok kau", "longor kali", "anjiang waang", "pantek ang", "bungul ikam", "tolo ko", "cukimai ko"});
    check_clean({"utek utek", "kowe sopo", "sia sia", "maneh ti mana", "waang dima", "ikam kamana", "rai pitik", "sia mah bageur"});
}

TEST_CASE("insults: brains and mouths, pretenders and the useless") {
    check_mild({"otakmu geser", "otaknya dangkal", "mulutnya lemes", "mulutmu kotor", "generasi micin", "iq sekolam", "sok suci",
                "sok paling bener", "tukang fitnah", "ratu drama lu", "gak becus", "ga punya akhlak", "gila hormat",
                "produk gagal", "ra mutu", "teu baleg", "ndak bautak", "mentiko kau"});
    check_clean({"otakku", "otaknya pintar", "mulutnya kecil", "micin", "sok atuh", "sok mangga", "tukang bakso", "ratu Elizabeth",
                 "raja ampat", "gak bisa", "ga punya uang", "akhlak mulia", "gagal produk", "becus"});
}

TEST_CASE("insults: with an intensifier, and aimed at somebody") {
    check_strong({"dongo banget", "koplak bgt", "emang oon", "telmi amat", "dasar pandir", "dasar muka tembok", "orang tak bermoral",
                  "admin sakit jiwa", "emang penjilat", "muka kayak babi", "mukanya kek setan", "tampang kayak jamban"});
    check_mild({"norak bgt", "songong banget", "emang tengil", "licik banget", "muka ancur", "mukanya burik", "bau ketek",
                "nenek lampir", "tua peot", "hombreng", "buaya darat"});
    check_clean({"tampang kayak artis", "muka bantal", "mukanya cerah", "rumah sakit jiwa", "pelit", "bengis", "pea", "beak",
                 "sombong", "nenek", "orang tua", "bau wangi", "banget", "si kecil"});
}

TEST_CASE("insults: ill wishes and threats") {
    check_strong({"semoga kena azab", "semoga lu disambar petir", "moga ketabrak", "mending modar", "mudah mudahan mampus", "gue bunuh lu",
                  "tak pateni kowe", "tampol lu", "pantes mati", "gorok lu"});
    check_clean({"semoga sembuh", "semoga selamat", "azab Allah", "moga lancar", "mending pulang", "hajar terus", "bunuh waktu",
                 "semoga kita semua", "neraka", "pantas saja mati lampu"});
}

TEST_CASE("English insults: adjectives and names, groups, threats") {
    check_strong({"filthy coward", "pathetic loser", "you're disgusting", "he is a maggot", "bunch of clowns", "ya loonies",
                  "these people are vermin", "jews are rats", "women are inferior", "kill all muslims", "death to the jews",
                  "gas the jews", "heil hitler", "you people suck", "drop dead", "hurry up and die", "i'll kill you",
                  "should be lynched", "slept her way", "single digit iq", "methheads", "race traitor", "stupid voters",
                  "lying SOB", "total POS", "piece of chit", "FU all"});
    check_mild({"you suck", "low iq", "old hag"});
    check_clean({"death to the process", "kill all processes", "shoot the photo", "these people are great", "you're great",
                 "a pack of rats", "sob story", "the POS terminal", "women are strong", "this is a waste of time",
                 "such a nice dog", "he is insane about chess?", "kung fu", "mud shark", "what a shame", "the lazy dog"});
}

TEST_CASE("words of politics and religion are not insults") {
    check_clean({"cebong", "kadrun", "kafir", "komunis", "PKI", "aseng", "radikal", "liberal", "antek asing", "rezim",
                 "munafik itu dosa", "haram", "buzzer", "let's go brandon", "Trump", "sosialis"});
}

TEST_CASE("places and people named like an insult") {
    check_clean({"Anjir Pasar", "Danau Buyan", "Kacung Marijan", "Paok Motong", "Donggo", "Babulu Darat", "Podol",
                 "Tondon Matallo", "Padang Lambe", "Pulau Babi", "Kecamatan Arse", "Buduk", "Bebel", "Dumbo Raya"});
}

TEST_CASE("common Indonesian words and short forms are not English insults") {
    check_clean({"boleh ngga", "ngga papa", "ngger", "anak FK UI", "mf baru bales", "sayur pakis", "Ass. mas",
                 "Chris Pratt", "Sissy Priscillia", "sertifikasi ITIL", "sundel bolong", "Mong Kok"});
}

}  // namespace cariosan::test
