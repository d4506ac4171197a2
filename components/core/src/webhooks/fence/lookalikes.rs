//! Characters that look like letters of a fence's markers.
//!
//! Made from Unicode's compatibility mappings and its list of confusable characters (UTS #39); a test compares. Marks on
//! letters do not count, and neither does the case of letters. Letters that are drawn alike are one: `i`, `l` and `1`.

/// The letters that a reader may see, and the characters that look like them.
pub(super) const LOOKALIKES: &[(&str, &str)] = &[
    (
        "a",
        "\u{aa}\u{c0}\u{c1}\u{c2}\u{c3}\u{c4}\u{c5}\u{e0}\u{e1}\u{e2}\u{e3}\u{e4}\u{e5}\u{100}\u{101}\u{102}\u{103}\
         \u{104}\u{105}\u{1cd}\u{1ce}\u{1de}\u{1df}\u{1e0}\u{1e1}\u{1fa}\u{1fb}\u{200}\u{201}\u{202}\u{203}\u{226}\
         \u{227}\u{251}\u{386}\u{391}\u{3ac}\u{3b1}\u{410}\u{430}\u{4d0}\u{4d1}\u{4d2}\u{4d3}\u{13aa}\u{15c5}\u{1d00}\
         \u{1d2c}\u{1d43}\u{1d45}\u{1e00}\u{1e01}\u{1ea0}\u{1ea1}\u{1ea2}\u{1ea3}\u{1ea4}\u{1ea5}\u{1ea6}\u{1ea7}\
         \u{1ea8}\u{1ea9}\u{1eaa}\u{1eab}\u{1eac}\u{1ead}\u{1eae}\u{1eaf}\u{1eb0}\u{1eb1}\u{1eb2}\u{1eb3}\u{1eb4}\
         \u{1eb5}\u{1eb6}\u{1eb7}\u{1f00}\u{1f01}\u{1f02}\u{1f03}\u{1f04}\u{1f05}\u{1f06}\u{1f07}\u{1f08}\u{1f09}\
         \u{1f0a}\u{1f0b}\u{1f0c}\u{1f0d}\u{1f0e}\u{1f0f}\u{1f70}\u{1f71}\u{1f80}\u{1f81}\u{1f82}\u{1f83}\u{1f84}\
         \u{1f85}\u{1f86}\u{1f87}\u{1f88}\u{1f89}\u{1f8a}\u{1f8b}\u{1f8c}\u{1f8d}\u{1f8e}\u{1f8f}\u{1fb0}\u{1fb1}\
         \u{1fb2}\u{1fb3}\u{1fb4}\u{1fb6}\u{1fb7}\u{1fb8}\u{1fb9}\u{1fba}\u{1fbb}\u{1fbc}\u{2090}\u{212b}\u{2376}\
         \u{237a}\u{249c}\u{24b6}\u{24d0}\u{2c6d}\u{a4ee}\u{ab64}\u{ab7a}\u{ff21}\u{ff41}\u{102a0}\u{16f40}\u{1ccd6}\
         \u{1d400}\u{1d41a}\u{1d434}\u{1d44e}\u{1d468}\u{1d482}\u{1d49c}\u{1d4b6}\u{1d4d0}\u{1d4ea}\u{1d504}\u{1d51e}\
         \u{1d538}\u{1d552}\u{1d56c}\u{1d586}\u{1d5a0}\u{1d5ba}\u{1d5d4}\u{1d5ee}\u{1d608}\u{1d622}\u{1d63c}\u{1d656}\
         \u{1d670}\u{1d68a}\u{1d6a8}\u{1d6c2}\u{1d6e2}\u{1d6fc}\u{1d71c}\u{1d736}\u{1d756}\u{1d770}\u{1d790}\u{1d7aa}\
         \u{1df40}\u{1df41}\u{1df5a}\u{1df6a}\u{1e030}\u{1e051}\u{1f110}\u{1f130}\u{1f150}\u{1f170}\u{1f1e6}",
    ),
    ("aa", "\u{a732}\u{a733}"),
    ("ae", "\u{c6}\u{e6}\u{1e2}\u{1e3}\u{1fc}\u{1fd}\u{4d4}\u{4d5}\u{1d2d}\u{10783}"),
    ("ar", "\u{1f707}"),
    (
        "b",
        "\u{180}\u{181}\u{182}\u{183}\u{184}\u{185}\u{243}\u{253}\u{299}\u{392}\u{3b2}\u{3d0}\u{411}\u{412}\u{42c}\
         \u{431}\u{432}\u{44c}\u{462}\u{463}\u{48c}\u{48d}\u{7d5}\u{13cf}\u{13f4}\u{13fc}\u{1472}\u{1473}\u{15af}\
         \u{15f7}\u{1c80}\u{1c87}\u{1d2e}\u{1d47}\u{1e02}\u{1e03}\u{1e04}\u{1e05}\u{1e06}\u{1e07}\u{212c}\u{249d}\
         \u{24b7}\u{24d1}\u{2c82}\u{2c83}\u{a4d0}\u{a557}\u{a7b4}\u{a7b5}\u{ab9f}\u{ff22}\u{ff42}\u{10282}\u{102a1}\
         \u{10301}\u{1031c}\u{10785}\u{16eb6}\u{16ed1}\u{1ccd7}\u{1d207}\u{1d401}\u{1d41b}\u{1d435}\u{1d44f}\u{1d469}\
         \u{1d483}\u{1d4b7}\u{1d4d1}\u{1d4eb}\u{1d505}\u{1d51f}\u{1d539}\u{1d553}\u{1d56d}\u{1d587}\u{1d5a1}\u{1d5bb}\
         \u{1d5d5}\u{1d5ef}\u{1d609}\u{1d623}\u{1d63d}\u{1d657}\u{1d671}\u{1d68b}\u{1d6a9}\u{1d6e3}\u{1d71d}\u{1d757}\
         \u{1d791}\u{1dfd2}\u{1f111}\u{1f131}\u{1f151}\u{1f171}\u{1f1e7}",
    ),
    ("bar", "\u{3374}"),
    ("bl", "\u{42b}\u{44b}\u{4f8}\u{4f9}"),
    (
        "d",
        "\u{d0}\u{f0}\u{10e}\u{10f}\u{110}\u{111}\u{189}\u{18a}\u{18b}\u{18c}\u{256}\u{257}\u{500}\u{501}\u{13a0}\
         \u{13e7}\u{146f}\u{15de}\u{15ea}\u{1d05}\u{1d30}\u{1d48}\u{1e0a}\u{1e0b}\u{1e0c}\u{1e0d}\u{1e0e}\u{1e0f}\
         \u{1e10}\u{1e11}\u{1e12}\u{1e13}\u{20ab}\u{2145}\u{2146}\u{216e}\u{217e}\u{249f}\u{24b9}\u{24d3}\u{a4d2}\
         \u{a4d3}\u{ab70}\u{abb7}\u{ff24}\u{ff44}\u{1018b}\u{1078b}\u{1078c}\u{1ccd9}\u{1d403}\u{1d41d}\u{1d437}\
         \u{1d451}\u{1d46b}\u{1d485}\u{1d49f}\u{1d4b9}\u{1d4d3}\u{1d4ed}\u{1d507}\u{1d521}\u{1d53b}\u{1d555}\u{1d56f}\
         \u{1d589}\u{1d5a3}\u{1d5bd}\u{1d5d7}\u{1d5f1}\u{1d60b}\u{1d625}\u{1d63f}\u{1d659}\u{1d673}\u{1d68d}\u{1df2d}\
         \u{1dfd3}\u{1f113}\u{1f133}\u{1f153}\u{1f173}\u{1f1e9}",
    ),
    ("da", "\u{3372}"),
    ("db", "\u{33c8}"),
    ("dl", "\u{3397}"),
    ("drn", "\u{3377}"),
    (
        "e",
        "\u{c8}\u{c9}\u{ca}\u{cb}\u{e8}\u{e9}\u{ea}\u{eb}\u{112}\u{113}\u{114}\u{115}\u{116}\u{117}\u{118}\u{119}\
         \u{11a}\u{11b}\u{204}\u{205}\u{206}\u{207}\u{228}\u{229}\u{246}\u{247}\u{388}\u{395}\u{3ad}\u{3b5}\u{3f5}\
         \u{400}\u{401}\u{415}\u{435}\u{450}\u{451}\u{4bc}\u{4bd}\u{4be}\u{4bf}\u{4d6}\u{4d7}\u{13ac}\u{1d07}\u{1d31}\
         \u{1d49}\u{1e14}\u{1e15}\u{1e16}\u{1e17}\u{1e18}\u{1e19}\u{1e1a}\u{1e1b}\u{1e1c}\u{1e1d}\u{1eb8}\u{1eb9}\
         \u{1eba}\u{1ebb}\u{1ebc}\u{1ebd}\u{1ebe}\u{1ebf}\u{1ec0}\u{1ec1}\u{1ec2}\u{1ec3}\u{1ec4}\u{1ec5}\u{1ec6}\
         \u{1ec7}\u{1f10}\u{1f11}\u{1f12}\u{1f13}\u{1f14}\u{1f15}\u{1f18}\u{1f19}\u{1f1a}\u{1f1b}\u{1f1c}\u{1f1d}\
         \u{1f72}\u{1f73}\u{1fc8}\u{1fc9}\u{2091}\u{212e}\u{212f}\u{2130}\u{2147}\u{22ff}\u{24a0}\u{24ba}\u{24d4}\
         \u{2d39}\u{a4f0}\u{a5cb}\u{ab32}\u{ab7c}\u{ff25}\u{ff45}\u{10286}\u{118a6}\u{118ae}\u{118c6}\u{118ce}\
         \u{1ccda}\u{1d404}\u{1d41e}\u{1d438}\u{1d452}\u{1d46c}\u{1d486}\u{1d4d4}\u{1d4ee}\u{1d508}\u{1d522}\u{1d53c}\
         \u{1d556}\u{1d570}\u{1d58a}\u{1d5a4}\u{1d5be}\u{1d5d8}\u{1d5f2}\u{1d60c}\u{1d626}\u{1d640}\u{1d65a}\u{1d674}\
         \u{1d68e}\u{1d6ac}\u{1d6e6}\u{1d720}\u{1d75a}\u{1d794}\u{1df81}\u{1e035}\u{1e056}\u{1f114}\u{1f134}\u{1f154}\
         \u{1f174}\u{1f1ea}",
    ),
    ("erg", "\u{32cd}"),
    (
        "g",
        "\u{11c}\u{11d}\u{11e}\u{11f}\u{120}\u{121}\u{122}\u{123}\u{18d}\u{193}\u{1e4}\u{1e5}\u{1e6}\u{1e7}\u{1f4}\
         \u{1f5}\u{260}\u{261}\u{262}\u{50c}\u{50d}\u{551}\u{581}\u{13c0}\u{13f3}\u{13fb}\u{1d33}\u{1d4d}\u{1d83}\
         \u{1da2}\u{1e20}\u{1e21}\u{210a}\u{24a2}\u{24bc}\u{24d6}\u{a4d6}\u{a7ac}\u{ab90}\u{ff27}\u{ff47}\u{10793}\
         \u{1ccdc}\u{1d406}\u{1d420}\u{1d43a}\u{1d454}\u{1d46e}\u{1d488}\u{1d4a2}\u{1d4d6}\u{1d4f0}\u{1d50a}\u{1d524}\
         \u{1d53e}\u{1d558}\u{1d572}\u{1d58c}\u{1d5a6}\u{1d5c0}\u{1d5da}\u{1d5f4}\u{1d60e}\u{1d628}\u{1d642}\u{1d65c}\
         \u{1d676}\u{1d690}\u{1df45}\u{1dfd4}\u{1f116}\u{1f136}\u{1f156}\u{1f176}\u{1f1ec}",
    ),
    ("gal", "\u{33ff}"),
    ("gb", "\u{3387}"),
    (
        "l",
        "\u{31}\u{7c}\u{a1}\u{b9}\u{cc}\u{cd}\u{ce}\u{cf}\u{ec}\u{ed}\u{ee}\u{ef}\u{128}\u{129}\u{12a}\u{12b}\u{12c}\
         \u{12d}\u{12e}\u{12f}\u{130}\u{131}\u{139}\u{13a}\u{13b}\u{13c}\u{13d}\u{13e}\u{141}\u{142}\u{196}\u{197}\
         \u{19a}\u{1c0}\u{1cf}\u{1d0}\u{208}\u{209}\u{20a}\u{20b}\u{23d}\u{268}\u{269}\u{26a}\u{26b}\u{26d}\u{29f}\
         \u{2e1}\u{38a}\u{390}\u{399}\u{3aa}\u{3af}\u{3b9}\u{3ca}\u{406}\u{407}\u{456}\u{457}\u{4c0}\u{4cf}\u{552}\
         \u{582}\u{5c0}\u{5d5}\u{5df}\u{622}\u{623}\u{625}\u{627}\u{661}\u{673}\u{6f1}\u{7ca}\u{964}\u{104a}\u{13a5}\
         \u{13de}\u{14aa}\u{16c1}\u{16c5}\u{16d0}\u{1d35}\u{1d38}\u{1d62}\u{1d7b}\u{1d7c}\u{1da4}\u{1da5}\u{1da6}\
         \u{1da7}\u{1da9}\u{1e2c}\u{1e2d}\u{1e2e}\u{1e2f}\u{1e36}\u{1e37}\u{1e38}\u{1e39}\u{1e3a}\u{1e3b}\u{1e3c}\
         \u{1e3d}\u{1ec8}\u{1ec9}\u{1eca}\u{1ecb}\u{1f30}\u{1f31}\u{1f32}\u{1f33}\u{1f34}\u{1f35}\u{1f36}\u{1f37}\
         \u{1f38}\u{1f39}\u{1f3a}\u{1f3b}\u{1f3c}\u{1f3d}\u{1f3e}\u{1f3f}\u{1f76}\u{1f77}\u{1fbe}\u{1fd0}\u{1fd1}\
         \u{1fd2}\u{1fd3}\u{1fd6}\u{1fd7}\u{1fd8}\u{1fd9}\u{1fda}\u{1fdb}\u{2071}\u{2081}\u{2097}\u{2110}\u{2111}\
         \u{2112}\u{2113}\u{2139}\u{2148}\u{2160}\u{216c}\u{2170}\u{217c}\u{21bf}\u{2223}\u{2224}\u{2373}\u{2378}\
         \u{23fd}\u{2460}\u{2474}\u{24a4}\u{24a7}\u{24be}\u{24c1}\u{24d8}\u{24db}\u{2502}\u{2503}\u{2c62}\u{2c92}\
         \u{2c93}\u{2cd0}\u{2cd1}\u{2d4a}\u{2d4f}\u{a4e1}\u{a4f2}\u{a56f}\u{a646}\u{a647}\u{a780}\u{a781}\u{a7ae}\
         \u{a7fe}\u{a830}\u{a8ce}\u{aa5d}\u{ab5e}\u{ab75}\u{abae}\u{fb35}\u{fb4b}\u{fd3c}\u{fd3d}\u{fe81}\u{fe82}\
         \u{fe83}\u{fe84}\u{fe87}\u{fe88}\u{fe8d}\u{fe8e}\u{ff11}\u{ff29}\u{ff2c}\u{ff49}\u{ff4c}\u{ff5c}\u{ffe8}\
         \u{1028a}\u{10309}\u{10320}\u{1041b}\u{10443}\u{1050e}\u{10526}\u{107b6}\u{10926}\u{10c3e}\u{10ca5}\u{10ce5}\
         \u{10cfa}\u{11047}\u{110c0}\u{11141}\u{111c5}\u{113d4}\u{1144b}\u{115c5}\u{11641}\u{118a3}\u{118b2}\u{118c3}\
         \u{118d2}\u{11c41}\u{11dda}\u{11de1}\u{16ae4}\u{16d63}\u{16eaa}\u{16ec5}\u{16f16}\u{16f28}\u{1ccde}\u{1cce1}\
         \u{1ccf1}\u{1d100}\u{1d22a}\u{1d377}\u{1d408}\u{1d40b}\u{1d422}\u{1d425}\u{1d43c}\u{1d43f}\u{1d456}\u{1d459}\
         \u{1d470}\u{1d473}\u{1d48a}\u{1d48d}\u{1d4be}\u{1d4c1}\u{1d4d8}\u{1d4db}\u{1d4f2}\u{1d4f5}\u{1d50f}\u{1d526}\
         \u{1d529}\u{1d540}\u{1d543}\u{1d55a}\u{1d55d}\u{1d574}\u{1d577}\u{1d58e}\u{1d591}\u{1d5a8}\u{1d5ab}\u{1d5c2}\
         \u{1d5c5}\u{1d5dc}\u{1d5df}\u{1d5f6}\u{1d5f9}\u{1d610}\u{1d613}\u{1d62a}\u{1d62d}\u{1d644}\u{1d647}\u{1d65e}\
         \u{1d661}\u{1d678}\u{1d67b}\u{1d692}\u{1d695}\u{1d6a4}\u{1d6b0}\u{1d6ca}\u{1d6ea}\u{1d704}\u{1d724}\u{1d73e}\
         \u{1d75e}\u{1d778}\u{1d798}\u{1d7b2}\u{1d7cf}\u{1d7d9}\u{1d7e3}\u{1d7ed}\u{1d7f7}\u{1df6e}\u{1dfd5}\u{1dfd6}\
         \u{1e04c}\u{1e050}\u{1e068}\u{1e141}\u{1e8c7}\u{1ed01}\u{1ee00}\u{1ee80}\u{1f118}\u{1f11b}\u{1f138}\u{1f13b}\
         \u{1f158}\u{1f15b}\u{1f178}\u{1f17b}\u{1f1ee}\u{1f1f1}\u{1fbf1}",
    ),
    ("le", "\u{1df5d}"),
    (
        "ll",
        "\u{1c1}\u{5f0}\u{965}\u{104b}\u{1efa}\u{1efb}\u{2016}\u{2161}\u{2171}\u{2225}\u{2226}\u{246a}\u{247e}\
         \u{a8cf}\u{10199}\u{107b7}\u{11048}\u{110c1}\u{11142}\u{111c6}\u{113d5}\u{1144c}\u{11642}\u{11c42}\u{1d262}",
    ),
    ("lll", "\u{2162}\u{2172}\u{a516}"),
    ("ln", "\u{33cc}\u{33d1}"),
    ("lrn", "\u{33d0}"),
    ("lt", "\u{20b6}"),
    ("ltd", "\u{32cf}"),
    ("lx", "\u{2168}\u{2178}\u{33d3}"),
    (
        "n",
        "\u{d1}\u{f1}\u{143}\u{144}\u{145}\u{146}\u{147}\u{148}\u{14a}\u{14b}\u{19d}\u{19e}\u{1f8}\u{1f9}\u{220}\
         \u{272}\u{273}\u{274}\u{389}\u{397}\u{39d}\u{3ae}\u{3b7}\u{3bd}\u{542}\u{548}\u{54c}\u{572}\u{578}\u{57c}\
         \u{1d3a}\u{1d51}\u{1d70}\u{1dae}\u{1daf}\u{1e44}\u{1e45}\u{1e46}\u{1e47}\u{1e48}\u{1e49}\u{1e4a}\u{1e4b}\
         \u{1f20}\u{1f21}\u{1f22}\u{1f23}\u{1f24}\u{1f25}\u{1f26}\u{1f27}\u{1f28}\u{1f29}\u{1f2a}\u{1f2b}\u{1f2c}\
         \u{1f2d}\u{1f2e}\u{1f2f}\u{1f74}\u{1f75}\u{1f90}\u{1f91}\u{1f92}\u{1f93}\u{1f94}\u{1f95}\u{1f96}\u{1f97}\
         \u{1f98}\u{1f99}\u{1f9a}\u{1f9b}\u{1f9c}\u{1f9d}\u{1f9e}\u{1f9f}\u{1fc2}\u{1fc3}\u{1fc4}\u{1fc6}\u{1fc7}\
         \u{1fca}\u{1fcb}\u{1fcc}\u{207f}\u{2099}\u{2115}\u{24a9}\u{24c3}\u{24dd}\u{2c9a}\u{2c9b}\u{a4e0}\u{ff2e}\
         \u{ff4e}\u{1018e}\u{10513}\u{11abe}\u{1cce3}\u{1d40d}\u{1d427}\u{1d441}\u{1d45b}\u{1d475}\u{1d48f}\u{1d4a9}\
         \u{1d4c3}\u{1d4dd}\u{1d4f7}\u{1d511}\u{1d52b}\u{1d55f}\u{1d579}\u{1d593}\u{1d5ad}\u{1d5c7}\u{1d5e1}\u{1d5fb}\
         \u{1d615}\u{1d62f}\u{1d649}\u{1d663}\u{1d67d}\u{1d697}\u{1d6b4}\u{1d6c8}\u{1d6ee}\u{1d702}\u{1d728}\u{1d73c}\
         \u{1d762}\u{1d776}\u{1d79c}\u{1d7b0}\u{1df4d}\u{1df4e}\u{1df4f}\u{1dfdc}\u{1f11d}\u{1f13d}\u{1f15d}\u{1f17d}\
         \u{1f1f3}",
    ),
    ("na", "\u{3381}"),
    ("nrn", "\u{339a}"),
    (
        "r",
        "\u{154}\u{155}\u{156}\u{157}\u{158}\u{159}\u{1a6}\u{210}\u{211}\u{212}\u{213}\u{24c}\u{24d}\u{27c}\u{27d}\
         \u{280}\u{2b3}\u{403}\u{413}\u{433}\u{453}\u{492}\u{493}\u{13a1}\u{13b1}\u{13d2}\u{1587}\u{1d26}\u{1d3f}\
         \u{1d63}\u{1d72}\u{1e58}\u{1e59}\u{1e5a}\u{1e5b}\u{1e5c}\u{1e5d}\u{1e5e}\u{1e5f}\u{211b}\u{211c}\u{211d}\
         \u{24ad}\u{24c7}\u{24e1}\u{2c64}\u{2c84}\u{2c85}\u{a4e3}\u{ab47}\u{ab48}\u{ab71}\u{ab81}\u{aba2}\u{ff32}\
         \u{ff52}\u{104b4}\u{104dc}\u{107a8}\u{16a19}\u{16f35}\u{1cce7}\u{1d216}\u{1d411}\u{1d42b}\u{1d445}\u{1d45f}\
         \u{1d479}\u{1d493}\u{1d4c7}\u{1d4e1}\u{1d4fb}\u{1d52f}\u{1d563}\u{1d57d}\u{1d597}\u{1d5b1}\u{1d5cb}\u{1d5e5}\
         \u{1d5ff}\u{1d619}\u{1d633}\u{1d64d}\u{1d667}\u{1d681}\u{1d69b}\u{1df37}\u{1dfdd}\u{1e033}\u{1e054}\u{1f121}\
         \u{1f12c}\u{1f141}\u{1f161}\u{1f181}\u{1f1f7}",
    ),
    ("rad", "\u{33ad}"),
    (
        "rn",
        "\u{4d}\u{6d}\u{271}\u{560}\u{1d50}\u{1d6f}\u{1dac}\u{1e3e}\u{1e3f}\u{1e40}\u{1e41}\u{1e42}\u{1e43}\u{2098}\
         \u{20a5}\u{216f}\u{217f}\u{24a8}\u{24c2}\u{24dc}\u{2c6e}\u{ab51}\u{ff2d}\u{ff4d}\u{11700}\u{118e3}\u{1d426}\
         \u{1d45a}\u{1d48e}\u{1d4c2}\u{1d4f6}\u{1d52a}\u{1d55e}\u{1d592}\u{1d5c6}\u{1d5fa}\u{1d62e}\u{1d662}\u{1d696}\
         \u{1df4b}\u{1df4c}",
    ),
    ("rna", "\u{3383}"),
    ("rnb", "\u{33d4}"),
    ("rng", "\u{338e}"),
    ("rnl", "\u{3396}"),
    ("rnll", "\u{33d5}"),
    ("rnrn", "\u{339c}"),
    (
        "t",
        "\u{162}\u{163}\u{164}\u{165}\u{166}\u{167}\u{1ab}\u{1ac}\u{1ad}\u{1ae}\u{21a}\u{21b}\u{23e}\u{288}\u{3a4}\
         \u{3c4}\u{422}\u{442}\u{4ac}\u{4ad}\u{7e0}\u{13a2}\u{13bf}\u{1c84}\u{1c85}\u{1d1b}\u{1d40}\u{1d57}\u{1d75}\
         \u{1db5}\u{1e6a}\u{1e6b}\u{1e6c}\u{1e6d}\u{1e6e}\u{1e6f}\u{1e70}\u{1e71}\u{1e97}\u{209c}\u{20ae}\u{22a4}\
         \u{2361}\u{24af}\u{24c9}\u{24e3}\u{27d9}\u{2c66}\u{2ca6}\u{2ca7}\u{3112}\u{4e05}\u{a4d4}\u{a50b}\u{a68c}\
         \u{a68d}\u{ab72}\u{ab8f}\u{ff34}\u{ff54}\u{10297}\u{102b1}\u{10315}\u{118bc}\u{118dc}\u{16f0a}\u{1cce9}\
         \u{1d373}\u{1d413}\u{1d42d}\u{1d447}\u{1d461}\u{1d47b}\u{1d495}\u{1d4af}\u{1d4c9}\u{1d4e3}\u{1d4fd}\u{1d517}\
         \u{1d531}\u{1d54b}\u{1d565}\u{1d57f}\u{1d599}\u{1d5b3}\u{1d5cd}\u{1d5e7}\u{1d601}\u{1d61b}\u{1d635}\u{1d64f}\
         \u{1d669}\u{1d683}\u{1d69d}\u{1d6bb}\u{1d6f5}\u{1d72f}\u{1d769}\u{1d7a3}\u{1dffe}\u{1f123}\u{1f143}\u{1f163}\
         \u{1f183}\u{1f1f9}\u{1f768}",
    ),
    ("tel", "\u{2121}"),
    (
        "x",
        "\u{d7}\u{2e3}\u{3a7}\u{3c7}\u{425}\u{445}\u{4b2}\u{4b3}\u{1541}\u{157d}\u{166d}\u{166e}\u{16b7}\u{1763}\
         \u{1cf5}\u{1e8a}\u{1e8b}\u{1e8c}\u{1e8d}\u{2093}\u{2169}\u{2179}\u{24b3}\u{24cd}\u{24e7}\u{2573}\u{292b}\
         \u{292c}\u{2a2f}\u{2a30}\u{2cac}\u{2cad}\u{2d5d}\u{a4eb}\u{a7b3}\u{ab53}\u{ff38}\u{ff58}\u{10196}\u{10290}\
         \u{102b4}\u{10317}\u{10322}\u{10527}\u{10c13}\u{10c82}\u{10cc2}\u{10cfc}\u{118ec}\u{1cced}\u{1d417}\u{1d431}\
         \u{1d44b}\u{1d465}\u{1d47f}\u{1d499}\u{1d4b3}\u{1d4cd}\u{1d4e7}\u{1d501}\u{1d51b}\u{1d535}\u{1d54f}\u{1d569}\
         \u{1d583}\u{1d59d}\u{1d5b7}\u{1d5d1}\u{1d5eb}\u{1d605}\u{1d61f}\u{1d639}\u{1d653}\u{1d66d}\u{1d687}\u{1d6a1}\
         \u{1d6be}\u{1d6f8}\u{1d732}\u{1d76c}\u{1d7a6}\u{1e043}\u{1e061}\u{1f127}\u{1f147}\u{1f167}\u{1f187}\u{1f1fd}",
    ),
    ("xl", "\u{216a}\u{217a}"),
    ("xll", "\u{216b}\u{217b}"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    use unicode_security::confusable_detection::skeleton;

    use super::*;

    /// The letters of the markers, with `l` for `i`.
    const LETTERS: &str = "abdeglnrtx";

    /// What the letters of a text look like, if they all look like letters of the markers.
    fn seen(text: &str) -> Option<String> {
        let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
        let shapes = skeleton(&plain).filter(|letter| !is_combining_mark(*letter) && !"()".contains(*letter));
        let letters: String = shapes.collect::<String>().nfkd().collect::<String>().to_lowercase();
        let letters = letters.replace(['i', '\u{131}'], "l");
        (!letters.is_empty() && letters.chars().all(|letter| LETTERS.contains(letter))).then_some(letters)
    }

    #[test]
    fn every_lookalike_that_unicode_knows_is_listed() {
        let listed: HashMap<char, &str> =
            LOOKALIKES.iter().flat_map(|(letters, like)| like.chars().map(move |one| (one, *letters))).collect();
        for letter in ('!'..=char::MAX).filter(|letter| !letter.is_ascii_alphabetic() && !is_combining_mark(*letter)) {
            let text = letter.to_string();
            let expected = seen(&text).or_else(|| seen(&text.to_lowercase())).or_else(|| seen(&text.to_uppercase()));
            if let Some(expected) = expected {
                assert_eq!(listed.get(&letter), Some(&expected.as_str()), "{}", letter.escape_unicode());
            }
        }
    }
}
