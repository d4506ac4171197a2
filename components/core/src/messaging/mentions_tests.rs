use super::*;

/// Which of these names a text mentions; one that starts with `*` is a lead's.
fn among<'a>(names: &[&'a str], text: &str) -> Vec<&'a str> {
    let callable = |name: &&'a str| Callable { name: name.trim_start_matches('*'), is_lead: name.starts_with('*') };
    let everybody: Vec<Callable<'_>> = names.iter().map(callable).collect();
    names.iter().zip(mentioned(text, &everybody)).filter_map(|(name, found)| found.then_some(*name)).collect()
}

#[track_caller]
fn calls(name: &str, text: &str) {
    assert_eq!(among(&[name], text), [name], "{text:?}");
}

#[track_caller]
fn calls_nobody(name: &str, text: &str) {
    assert_eq!(among(&[name], text), [""; 0], "{text:?}");
}

#[test]
fn a_name_in_any_script_is_called_whatever_the_case_of_its_letters() {
    for (name, text) in [
        ("Ada-1", "@ada-1, look"),
        ("bob_2", "(@Bob_2)"),
        ("Анна", "Спросим @АННУ? Нет, @анна!"),
        ("小明", "@小明 看一下"),
        ("Élodie", "merci @élodie."),
        ("3po", "@3PO"),
        ("Οδυσσεύς", "@ΟΔΥΣΣΕΎΣ"),
        ("कृष्ण", "@कृष्ण, देखिए"),
        ("علي", "شكرا @علي،"),
        ("Ngọc", "@NGỌC ơi"),
        ("O'Brien", "@o'brien"),
        ("🤖", "@🤖 go"),
        ("(Ada)", "@Ada"),
        ("İpek", "@İpek"),
        ("می\u{200c}ترا", "@می\u{200c}ترا"),
        ("Ada Lovelace", "@ada"),
        ("Ada Lovelace", "@Ada Lovelace"),
    ] {
        calls(name, text);
    }
}

#[test]
fn letters_are_equal_however_they_are_encoded() {
    for (name, text) in
        [("\u{c9}lodie", "@e\u{301}lodie"), ("E\u{301}lodie", "@\u{e9}lodie"), ("\u{1ec7}", "@e\u{302}\u{323}")]
    {
        calls(name, text);
    }
    calls_nobody("Elodie", "@Élodie");
    calls_nobody("Elodie", "@E\u{301}lodie");
}

#[test]
fn a_longer_word_is_another_name() {
    for text in ["@Annabelle", "@anna_2", "@anna-2", "@anna2", "anna", "@ anna", "@"] {
        calls_nobody("Anna", text);
    }
    for text in ["@anna-", "@anna - hi", "@anna's", "@anna/@bob", "@anna.", "@anna@bob", "**@anna**", "_@anna"] {
        assert_eq!(among(&["Anna"], text).is_empty(), text == "_@anna", "{text}");
    }
    assert_eq!(among(&["O", "O'Brien", "Dr"], "@O'Brien and @dr. who"), ["O'Brien", "Dr"]);
}

#[test]
fn where_words_follow_each_other_without_spaces_the_longest_name_counts() {
    assert_eq!(among(&["小明", "小明明", "小"], "请@小明明看一下"), ["小明明"]);
    assert_eq!(among(&["小明", "小明明"], "OK@小明请看"), ["小明"]);
    calls("小明", "你好＠小明，请看");
    calls("さくら", "@さくらさん、お願いします");
    calls("민수", "@민수야 이것 봐");
    calls("สมชาย", "@สมชายช่วยดู");
    calls_nobody("小明", "@小明x");
    calls_nobody("Ada", "@Ada小明");
}

#[test]
fn names_may_be_shared_and_leads_are_called_lead() {
    assert_eq!(among(&["Ada Lovelace", "Ada Byron", "*Eve"], "@ada"), ["Ada Lovelace", "Ada Byron"]);
    assert_eq!(among(&["*Eve", "Lead", "Lead Dev"], "@LEAD"), ["*Eve"]);
    assert_eq!(among(&["*Lead"], "@lead"), ["*Lead"]);
    assert_eq!(among(&["*Eve", ""], "@eve @"), ["*Eve"]);
}

#[test]
fn nobody_is_called_in_an_address() {
    for text in [
        "Mail me@lead.example",
        "first.last@lead.example.",
        "@lead@social.example",
        "https://example.org/@lead/1",
        "(see http://example.org/a?to=@lead)",
        "https://ru.example/статья/@lead",
        "www.example.org/@lead",
        "example.org/users/@lead",
        "[docs](/people/@lead)",
        "ssh://git@lead",
        "<mailto:x@lead>",
        "小明@lead.example",
    ] {
        calls_nobody("*Lead", text);
    }
    for text in [
        "https://example.org/a, @lead",
        "<https://example.org/a>@lead",
        "看 https://example.org/a，@lead",
        "[@lead](https://example.org/@eve)",
        "cc/@lead",
        "@eve/@lead",
        "@lead.example has it",
    ] {
        calls("*Lead", text);
    }
}

#[test]
fn nobody_is_called_in_code() {
    for text in ["`@lead`", "``a ` @lead``", "```\n@lead\n```", "~~~ x\n@lead", "See:\n\n    @lead\n", "> ```\n> @lead"]
    {
        calls_nobody("*Lead", text);
    }
    for text in ["`a` @lead `b`", "it's `open @lead", "```\na\n```\n@lead", "- a\n    @lead", "    a\n\n@lead"] {
        calls("*Lead", text);
    }
}

#[test]
fn a_megabyte_of_signs_takes_little_time() {
    let names: Vec<String> = (0..2_000).map(|number| format!("{}{number}", "a".repeat(number % 40))).collect();
    let everybody: Vec<Callable<'_>> = names.iter().map(|name| Callable { name, is_lead: false }).collect();
    let start = std::time::Instant::now();
    for text in ["@", "@a", "@a/", "`@", "小@", "@a0 "] {
        assert_eq!(mentioned(&text.repeat(1_000_000 / text.len()), &everybody).len(), everybody.len());
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
