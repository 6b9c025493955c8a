//! Rust source as a flat list of tokens: comments are gone, strings are opaque, test-only items are left out.
//!
//! For the rules over sources. It does not resolve names: `use chrono::Utc as Clock` would hide from a rule that looks
//! for `Utc::now`, and nobody here writes that by accident.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One token and the line it stands on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// What a file holds for the rules.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tokens {
    /// Tokens of the code that is compiled into the program.
    pub(crate) product: Vec<Token>,
    /// Names of the modules declared as `#[cfg(test)] mod name;`: their files are test code.
    pub(crate) test_modules: Vec<String>,
}

/// Reads a file's text.
pub(crate) fn read(path: &str, text: &str) -> Tokens {
    let stream: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
    let mut tokens = Tokens::default();
    flatten(stream, &mut tokens);
    tokens
}

fn flatten(stream: TokenStream, into: &mut Tokens) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        if is_test_attribute(&trees[at..]) {
            at = skip_item(&trees, at + 2, into);
            continue;
        }
        match &trees[at] {
            TokenTree::Group(group) => flatten_group(group, into),
            tree => into.product.push(Token { text: tree.to_string(), line: tree.span().start().line }),
        }
        at += 1;
    }
}

fn flatten_group(group: &Group, into: &mut Tokens) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    into.product.push(Token { text: open.into(), line: group.span_open().start().line });
    flatten(group.stream(), into);
    into.product.push(Token { text: close.into(), line: group.span_close().start().line });
}

/// True at `#[cfg(test)]` and at `#[test]`.
fn is_test_attribute(trees: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = trees else { return false };
    let written = group.stream().to_string().replace(' ', "");
    hash.as_char() == '#'
        && group.delimiter() == Delimiter::Bracket
        && (written == "cfg(test)" || written == "test")
}

/// Steps over one item: to the end of its first braces or its semicolon. Notes the name of a module kept elsewhere.
fn skip_item(trees: &[TokenTree], mut at: usize, into: &mut Tokens) -> usize {
    let mut words = Vec::new();
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return at + 1,
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                if let [.., keyword, name] = words.as_slice()
                    && keyword == "mod"
                {
                    into.test_modules.push(String::clone(name));
                }
                return at + 1;
            }
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            _ => {}
        }
        at += 1;
    }
    at
}

/// Lines where the tokens spell `path`, for example `Utc::now` or `Command::new`.
pub(crate) fn lines_spelling(tokens: &[Token], path: &str) -> Vec<usize> {
    let mut wanted = Vec::new();
    for (index, word) in path.split("::").enumerate() {
        if index > 0 {
            wanted.extend([":", ":"]);
        }
        wanted.push(word);
    }
    tokens
        .windows(wanted.len())
        .filter(|window| window.iter().map(|token| token.text.as_str()).eq(wanted.iter().copied()))
        .map(|window| window[0].line)
        .collect()
}

/// The index of the token that closes the bracket opened at `open`.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_i32;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len().saturating_sub(1)
}

#[test]
fn comments_strings_and_tests_are_not_product_code() {
    let tokens = read(
        "sample.rs",
        "//! Utc::now\nfn a() { \"Utc::now\"; }\n#[cfg(test)]\nmod tests { fn b() { Utc::now(); } }\n\
         #[cfg(test)]\nmod proofs;\nfn c() { chrono::Utc::now(); }\n",
    );
    assert_eq!(lines_spelling(&tokens.product, "Utc::now"), [7]);
    assert_eq!(tokens.test_modules, ["proofs"]);
}
