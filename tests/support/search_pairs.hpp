/// What people write and what they type to find it: one table for what the engine marks and what a storage finds.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cariosan::test {

struct SearchPair {
    std::string_view text;
    std::string_view query;
    /// The part of the text that is marked; nothing: it is not found.
    std::string_view marked;
};

inline constexpr std::string_view kNotFound{};

inline constexpr std::array kSearchPairs{
    // Case, full: one letter may become two, and a letter may be another at the end of a word.
    SearchPair{"Straße", "STRASSE", "Straße"},
    SearchPair{"in der STRASSE hier", "straße", "STRASSE"},
    SearchPair{"GROẞ", "gross", "GROẞ"},
    SearchPair{"ΟΔΟΣ", "οδος", "ΟΔΟΣ"},
    SearchPair{"οδός", "ΟΔΟΣ", "οδός"},
    SearchPair{"ΣΊΣΥΦΟΣ", "σισυφος", "ΣΊΣΥΦΟΣ"},
    SearchPair{"DIYARBAKIR", "dıyarbakır", "DIYARBAKIR"},
    SearchPair{"ısınma", "isinma", "ısınma"},
    SearchPair{"İzmir", "izmir", "İzmir"},
    SearchPair{"ŉ", "\"n\"", "ŉ"},
    // Accents of alphabets.
    SearchPair{"Ελλάδα μου", "ελλαδα", "Ελλάδα"},
    SearchPair{"ΐ", "ι", "ΐ"},
    SearchPair{"Đà Nẵng", "da nang", "Đà Nẵng"},
    SearchPair{"Da\u0300 Na\u0306\u0303ng", "\"đà nẵng\"", "Da\u0300 Na\u0306\u0303ng"},
    SearchPair{"Łódź", "lodz", "Łódź"},
    SearchPair{"lodz", "Łódź", "lodz"},
    SearchPair{"smørrebrød", "smorrebrod", "smørrebrød"},
    SearchPair{"œuvre et cætera", "oeuvre", "œuvre"},
    SearchPair{"Ћелија ђак", "ђак", "ђак"},
    SearchPair{"ёлка", "елка", "ёлка"},
    SearchPair{"елка", "ЁЛКА", "елка"},
    SearchPair{"е\u0308лка", "ёлка", "е\u0308лка"},
    SearchPair{"п\u02BCять", "п'ять", "п\u02BCять"},
    SearchPair{"п’ять", "п\u02BCять", "п’ять"},
    SearchPair{"don’t", "don't", "don’t"},
    SearchPair{"l’eau", "eau", "eau"},
    // Arabic, Persian, Urdu.
    SearchPair{"مُحَمَّدٌ", "محمد", "مُحَمَّدٌ"},
    SearchPair{"محمد", "مُحَمَّد", "محمد"},
    SearchPair{"أحمد إلى آخر", "احمد", "أحمد"},
    SearchPair{"أحمد إلى آخر", "الي", "إلى"},
    SearchPair{"أحمد إلى آخر", "اخر", "آخر"},
    SearchPair{"مسؤول", "مسوول", "مسؤول"},
    SearchPair{"شيء", "شي", "شيء"},
    SearchPair{"ٱلكتاب", "الكتاب", "ٱلكتاب"},
    SearchPair{"مـــرحبا", "مرحبا", "مـــرحبا"},
    SearchPair{"مدرسة", "مدرسه", "مدرسة"},
    SearchPair{"کتاب فارسی", "كتاب", "کتاب"},
    SearchPair{"کتاب فارسی", "فارسي", "فارسی"},
    SearchPair{"می\u200Cخواهم", "میخواهم", "می\u200Cخواهم"},
    SearchPair{"\uFE8E\uFEDF\uFEB4\uFEE4\uFE8E", "السما", "\uFE8E\uFEDF\uFEB4\uFEE4\uFE8E"},
    SearchPair{"\uFEE3\uFEAE\uFEA3\uFE92\uFE8E", "مرحبا", "\uFEE3\uFEAE\uFEA3\uFE92\uFE8E"},
    SearchPair{"قال ﷺ ذلك", "الله", "ﷺ"},
    SearchPair{"قال ﷺ ذلك", "\"صلى الله عليه وسلم\"", "ﷺ"},
    // Hebrew points, Syriac, Ethiopic.
    SearchPair{"שָׁלוֹם", "שלום", "שָׁלוֹם"},
    SearchPair{"שלום", "שָׁלוֹם", "שלום"},
    SearchPair{"\uFB2Aלום", "שלום", "\uFB2Aלום"},
    // Vowel signs of Indic scripts are letters; the dot below is not typed by all.
    SearchPair{"हिन्दी में", "हिन्दी", "हिन्दी"},
    SearchPair{"हिन्दी में", "हन्द", kNotFound},
    SearchPair{"ज़रूरी", "जरूरी", "ज़रूरी"},
    SearchPair{"தமிழ் மொழி", "தமிழ்", "தமிழ்"},
    SearchPair{"কো", "\u0995\u09C7\u09BE", "কো"},
    // Digits of every script.
    SearchPair{"غرفة ١٢٣", "123", "١٢٣"},
    SearchPair{"room 123", "۱۲۳", "123"},
    SearchPair{"คำสั่ง ๔๒", "42", "๔๒"},
    SearchPair{"x² ①", "\"1\"", "①"},
    // Widths and ligatures.
    SearchPair{"ＡＢＣ１２３", "abc123", "ＡＢＣ１２３"},
    SearchPair{"abc123", "ＡＢＣ１２３", "abc123"},
    SearchPair{"ﾊﾝﾊﾞｰｶﾞｰ", "ハンバーガー", "ﾊﾝﾊﾞｰｶﾞｰ"},
    SearchPair{"ハンバーガー", "ﾊﾞｰｶﾞ", "バーガ"},
    SearchPair{"ハンバーガー", "ハーカー", kNotFound},
    SearchPair{"か\u3099っこう", "がっこう", "か\u3099っこう"},
    SearchPair{"がっこう", "か", kNotFound},
    SearchPair{"ﬁne oﬃce", "fine", "ﬁne"},
    SearchPair{"ﬁne oﬃce", "office", "oﬃce"},
    SearchPair{"㍿東", "株式会社東", "㍿東"},
    SearchPair{"㍿東", "会社", "㍿"},
    SearchPair{"ⅷ", "VIII", "ⅷ"},
    // Scripts without spaces.
    SearchPair{"我的订单在哪里", "订单", "订单"},
    SearchPair{"我的订单在哪里", "单订", kNotFound},
    SearchPair{"我的订单在哪里", "里", "里"},
    SearchPair{"订 单", "订单", kNotFound},
    SearchPair{"iPhone手机壳", "手机", "手机"},
    SearchPair{"iPhone手机壳", "iphone手", "iPhone手"},
    SearchPair{"ฉันอยากกินข้าวผัด", "กินข้าว", "กินข้าว"},
    SearchPair{"ฉันอยากกินข้าวผัด", "ข้าว", "ข้าว"},
    SearchPair{"ฉันอยากกินข้าวผัด", "ขาว", "ข้าว"},
    SearchPair{"ฉันอยากกินข้าวผัด", "กน", kNotFound},
    SearchPair{"ฉันอยากกินข้าวผัด", "ผ", "ผั"},
    SearchPair{"น้ำเปล่า", "น้\u0E4D\u0E32", "น้ำ"},
    SearchPair{"ຂ້ອຍຢາກກິນເຂົ້າ", "ກິນ", "ກິນ"},
    SearchPair{"ខ្ញុំចង់ញ៉ាំបាយ", "ចង់", "ចង់"},
    SearchPair{"ខ្ញុំ\u200Bចង់\u200Bញ៉ាំ", "ចង់ញ៉ាំ", "ចង់\u200Bញ៉ាំ"},
    SearchPair{"ကျွန်တော်ထမင်းစားချင်တယ်", "ထမင်း", "ထမင်း"},
    SearchPair{"က\u103A\u1037", "က\u1037\u103A", "က\u103A\u1037"},
    SearchPair{"\u103A\uFF9Eက", "\u103A\uFF9Eက", "\u103A\uFF9Eက"},
    SearchPair{"안녕하세요", "녕하", "녕하"},
    SearchPair{"\u110B\u1161\u11AB\u1102\u1167\u11BC", "안녕", "\u110B\u1161\u11AB\u1102\u1167\u11BC"},
    SearchPair{"안녕", "\u110B\u1161\u11AB", "안"},
    // What has no width.
    SearchPair{"pass\u200Bword", "password", "pass\u200Bword"},
    SearchPair{"co\u00ADoperate", "cooperate", "co\u00ADoperate"},
    SearchPair{"\u202Eright\u202C", "right", "right\u202C"},
    SearchPair{"word", "wo\u2060rd", "word"},
    // Emoji: the plain one finds its variants.
    SearchPair{"nice 👍", "👍", "👍"},
    SearchPair{"nice👍🏽!", "👍", "👍🏽"},
    SearchPair{"nice 👍", "👍🏿", "👍"},
    SearchPair{"nice 👍", "👎", kNotFound},
    SearchPair{"I ❤ it", "❤️", "❤"},
    SearchPair{"I ❤️ it", "❤", "❤️"},
    SearchPair{"😂😂😂", "😂", "😂😂😂"},
    SearchPair{"a 👩🏽‍💻 works", "👩‍💻", "👩🏽‍💻"},
    SearchPair{"a 👩🏽‍💻 works", "👩", "👩🏽‍💻"},
    SearchPair{"a 👩 💻", "👩‍💻", kNotFound},
    SearchPair{"👨‍👩‍👧‍👦", "👩‍👧", "👨‍👩‍👧‍👦"},
    SearchPair{"🏃🏽‍♀️ fast", "🏃", "🏃🏽‍♀️"},
    SearchPair{"go 🇮🇩🇫🇷", "🇫🇷", "🇫🇷"},
    SearchPair{"go 🇮🇩🇫🇷", "🇩🇫", kNotFound},
    SearchPair{"go 🇮🇩🇫🇷", "🇮", "🇮🇩"},
    SearchPair{"🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"},
    SearchPair{"🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", kNotFound},
    SearchPair{"press 1️⃣ or #️⃣", "1️⃣", "1️⃣"},
    SearchPair{"press 1️⃣ or #️⃣", "#⃣", "#️⃣"},
    SearchPair{"press 1", "1️⃣", kNotFound},
    SearchPair{"☎ ♥ ★", "★", "★"},
    SearchPair{"iPhone™", "iphone", "iPhone"},
    // What people put around words.
    SearchPair{"say “big house” now", "“big house”", "big house"},
    SearchPair{"東京　大阪", "大阪　東京", "東京　大阪"},
};

}  // namespace cariosan::test
