//! Which route a path leads to.

use http::Method;
use percent_encoding::percent_decode_str;

use super::route::Route;

/// The routes of a component by method and path.
#[derive(Debug, Default)]
pub(super) struct Table {
    routes: Vec<Route>,
    /// Path to the positions in `routes` that share it.
    paths: matchit::Router<Vec<usize>>,
}

/// The parameters of a path: name and decoded text.
pub(super) type Params = Vec<(String, String)>;

/// What a request leads to.
pub(super) enum Found<'a> {
    /// A route, with the parameters of its path.
    Route(&'a Route, Params),
    /// Routes of the same path for other methods.
    OtherMethods(Vec<&'a Route>),
    /// A path that is known but for its trailing slash.
    Redirect(String),
    /// Nothing.
    Nothing,
}

/// Why a route cannot be added.
#[derive(Debug, thiserror::Error)]
pub(super) enum RouteError {
    /// Another one would get its requests, or share its path under other names.
    #[error("{first} and {second} have one pattern")]
    Conflict { first: String, second: String },
    /// Its path is none.
    #[error("{route}: {error}")]
    Path { route: String, error: matchit::InsertError },
}

impl Table {
    pub(super) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Adds a route.
    ///
    /// # Errors
    /// When a route of the same pattern answers the same method, or calls a parameter of it by another name.
    pub(super) fn add(&mut self, route: Route) -> Result<(), RouteError> {
        let position = self.routes.len();
        match self.paths.insert(route.path, vec![position]) {
            Ok(()) => {}
            Err(matchit::InsertError::Conflict { with }) => self.join(&route, position, with)?,
            Err(error) => return Err(RouteError::Path { route: format!("{route:?}"), error }),
        }
        self.routes.push(route);
        Ok(())
    }

    /// Puts a route beside those that have its pattern.
    fn join(&mut self, route: &Route, position: usize, pattern: String) -> Result<(), RouteError> {
        let conflict = |first| RouteError::Conflict { first, second: format!("{route:?}") };
        let Ok(found) = self.paths.at_mut(&pattern) else { return Err(conflict(pattern)) };
        let mut known = found.value.iter().filter_map(|other| self.routes.get(*other));
        match known.find(|other| other.path != route.path || other.method == route.method) {
            Some(other) => Err(conflict(format!("{other:?}"))),
            None => {
                found.value.push(position);
                Ok(())
            }
        }
    }

    /// Finds what the path of a request, percent-encoded as it came, leads to.
    pub(super) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Some(decoded) = decode(path) else { return Found::Nothing };
        if let Some((routes, params)) = self.at(&decoded) {
            return match routes.iter().find(|route| route.answers(method)) {
                Some(route) => Found::Route(route, params),
                None => Found::OtherMethods(routes),
            };
        }
        // A path that would match with or without its trailing slash. `//x` never redirects: it would leave the site.
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        let known = !other.is_empty()
            && !other.starts_with("//")
            && decode(&other).is_some_and(|other| self.at(&other).is_some());
        if known { Found::Redirect(other) } else { Found::Nothing }
    }

    fn at(&self, decoded: &str) -> Option<(Vec<&Route>, Params)> {
        let found = self.paths.at(decoded).ok()?;
        let routes: Vec<&Route> = found.value.iter().filter_map(|position| self.routes.get(*position)).collect();
        let params = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        (!routes.is_empty()).then_some((routes, params))
    }
}

/// Percent-decodes a path for matching, as hosts do: an encoded slash stays as it is, since it separates nothing.
/// `None` for what is no path: an escape without two hexadecimal digits, or bytes that are not UTF-8.
fn decode(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut kept = parts.next()?.to_owned();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        kept.push_str(if digits.eq_ignore_ascii_case("2f") { "%25" } else { "%" });
        kept.push_str(part);
    }
    percent_decode_str(&kept).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{ApiResult, Json, OkResponse, done, get, patch};

    async fn handler() -> ApiResult<Json<OkResponse>> {
        Ok(done())
    }

    fn table(routes: impl IntoIterator<Item = Route>) -> Result<Table, String> {
        let mut table = Table::default();
        for route in routes {
            table.add(route).map_err(|conflict| conflict.to_string())?;
        }
        Ok(table)
    }

    fn found(table: &Table, path: &str) -> String {
        match table.find(&Method::GET, path) {
            Found::Route(route, params) => format!("{} {params:?}", route.path),
            Found::OtherMethods(_) => "other methods".to_owned(),
            Found::Redirect(path) => format!("to {path}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn two_routes_of_one_pattern_are_an_error_that_names_both() {
        for (first, second) in [
            (get("/a/{x}", handler), get("/a/{x}", handler)),
            (get("/a/{x}", handler), get("/a/{y}", handler)),
            (get("/a/{x}/b", handler), patch("/a/{y}/b", handler)),
        ] {
            let expected = format!("{first:?} and {second:?} have one pattern");
            assert_eq!(table([first, second]).err(), Some(expected));
        }
        let fine = [get("/a/{x}", handler), patch("/a/{x}", handler), get("/a/{y}/b", handler), get("/a/b", handler)];
        assert!(table(fine).is_ok());
    }

    #[test]
    fn paths_match_decoded_but_for_slashes() {
        let table = table([get("/a/{x}", handler)]).unwrap();
        for (path, expected) in [
            ("/%61/%C3%BC", "/a/{x} [(\"x\", \"ü\")]"),
            ("/a/b%2Fc", "/a/{x} [(\"x\", \"b%2Fc\")]"),
            ("/a/%2f", "/a/{x} [(\"x\", \"%2f\")]"),
            ("/a%2Fb", "nothing"),
            ("/a/%ff", "nothing"),
            ("/a/%zz", "nothing"),
            ("/a/%4", "nothing"),
            ("/a/%", "nothing"),
            ("/%61/b/", "to /%61/b"),
        ] {
            assert_eq!(found(&table, path), expected, "{path}");
        }
    }
}
