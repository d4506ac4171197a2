//! Finds the component that answers a path, as Spin does.

use anyhow::{anyhow, ensure};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use routefinder::{RouteSpec, Segment};

/// What a part of a path is written with when it is told to a component.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#');

/// The application's routes.
#[derive(Debug, Default)]
pub struct Router {
    routes: routefinder::Router<Route>,
}

/// One route's pattern and the index of its component.
#[derive(Debug)]
pub struct Route {
    /// The pattern as written in the manifest.
    pub raw: String,
    /// The index that [`Router::add`] was given.
    pub component: usize,
    component_id: String,
}

/// A path's route, with what its open parts stood for, percent-encoded.
#[derive(Debug)]
pub struct Match<'a> {
    /// The route that matched.
    pub route: &'a Route,
    /// The part of the path under the `/...`: empty, or starting with a slash.
    pub path_info: String,
    /// Each `:name` segment with its value.
    pub parameters: Vec<(String, String)>,
}

impl Router {
    /// Adds a route to the component with this index and id; two routes with one pattern are an error.
    pub fn add(&mut self, pattern: &str, component: usize, id: &str) -> anyhow::Result<()> {
        let spec = parse(pattern).map_err(|error| anyhow!("route {pattern} is not valid: {error}"))?;
        let shape = shape(&spec);
        if let Some((_, other)) = self.routes.iter().find(|(other, _)| self::shape(other) == shape) {
            let Route { raw, component_id, .. } = other;
            return Err(anyhow!(
                "routes {raw} of component '{component_id}' and {pattern} of component '{id}' have the same pattern"
            ));
        }
        let route = Route { raw: pattern.to_owned(), component, component_id: id.to_owned() };
        self.routes.add(spec, route).map_err(|never| match never {})
    }

    /// The best route for a request's path, without its query.
    ///
    /// It is matched without its percent-encoding, as components match it, unless it is no text then.
    pub fn find(&self, path: &str) -> Option<Match<'_>> {
        let decoded = percent_decode_str(path).decode_utf8();
        let encoded = |text: &str| match &decoded {
            Ok(_) => utf8_percent_encode(text, ENCODED).to_string(),
            Err(_) => text.to_owned(),
        };
        let path = decoded.as_deref().unwrap_or(path);
        let found = self.routes.best_match(path)?;
        let captures = found.captures();
        Some(Match {
            path_info: captures
                .wildcard()
                .map(|rest| path_info(&encoded(rest), path.ends_with('/')))
                .unwrap_or_default(),
            parameters: captures.iter().map(|(name, value)| (name.to_owned(), encoded(value))).collect(),
            route: found.handler(),
        })
    }
}

impl Route {
    /// The pattern without its `/...`.
    pub fn prefix(&self) -> &str {
        self.raw.strip_suffix("/...").unwrap_or(&self.raw)
    }
}

fn parse(pattern: &str) -> anyhow::Result<RouteSpec> {
    let path = pattern.strip_prefix('/').unwrap_or(pattern);
    let (prefix, wildcard) = match path {
        "..." | "*" => ("", "/*"),
        _ => match path.strip_suffix("/...").or(path.strip_suffix("/*")) {
            Some(prefix) => (prefix, "/*"),
            None => (path, ""),
        },
    };
    let mut segments = prefix.split('/');
    ensure!(segments.all(|segment| segment != "..." && segment != "*"), "a wildcard can only stand at the end");
    format!("/{prefix}{wildcard}").parse().map_err(|error: String| anyhow!(error))
}

/// A pattern without the names of its parameters, by which no path can tell it from another.
fn shape(spec: &RouteSpec) -> Vec<Segment> {
    let unnamed = |segment: &Segment| match segment {
        Segment::Param(_) => Segment::Param("".into()),
        segment => segment.clone(),
    };
    spec.segments().iter().map(unnamed).collect()
}

/// The wildcard's part as Spin gives it: the path's own end slash is kept.
fn path_info(rest: &str, ends_with_slash: bool) -> String {
    match (rest.is_empty(), ends_with_slash) {
        (true, false) => String::new(),
        (true, true) => "/".to_owned(),
        (false, false) => format!("/{rest}"),
        (false, true) => format!("/{rest}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(patterns: &[&str]) -> Router {
        let mut router = Router::default();
        for (index, pattern) in patterns.iter().enumerate() {
            router.add(pattern, index, "c").expect("a valid pattern");
        }
        router
    }

    fn found<'a>(router: &'a Router, path: &str) -> Option<&'a str> {
        router.find(path).map(|found| found.route.raw.as_str())
    }

    #[test]
    fn exact_beats_wildcard_and_the_longest_wildcard_wins() {
        let router = router(&["/...", "/one/...", "/one/two/...", "/one", "/one/two/three"]);
        assert_eq!(found(&router, "/one"), Some("/one"));
        assert_eq!(found(&router, "/one/x"), Some("/one/..."));
        assert_eq!(found(&router, "/one/two"), Some("/one/two/..."));
        assert_eq!(found(&router, "/one/two/three"), Some("/one/two/three"));
        assert_eq!(found(&router, "/one/two/three/four"), Some("/one/two/..."));
        assert_eq!(found(&router, "/onetwo"), Some("/..."));
        assert_eq!(found(&router, "/"), Some("/..."));
    }

    #[test]
    fn what_no_route_covers_is_not_found() {
        let router = router(&["/", "/a/b", "/c/..."]);
        assert_eq!(found(&router, "/a"), None);
        assert_eq!(found(&router, "/a/b/c"), None);
        assert_eq!(found(&router, "/a/"), None);
        assert_eq!(found(&router, "/cc"), None);
        assert_eq!(found(&router, "/"), Some("/"));
    }

    #[test]
    fn outer_slashes_do_not_matter_and_inner_ones_do() {
        let router = router(&["/a/b"]);
        assert_eq!(found(&router, "/a/b/"), Some("/a/b"));
        assert_eq!(found(&router, "//a/b"), Some("/a/b"));
        assert_eq!(found(&router, "/a//b"), None);
    }

    #[test]
    fn parameters_are_captured_and_yield_to_exact_segments() {
        let router = router(&["/users/:id/...", "/users/me", "/users/:id/posts/:post"]);
        assert_eq!(found(&router, "/users/me"), Some("/users/me"));
        let found = router.find("/users/7/posts/9").expect("a match");
        assert_eq!(
            found.parameters,
            [("id", "7"), ("post", "9")].map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        let found = router.find("/users/7/x/y/").expect("a match");
        assert_eq!(found.parameters, [("id".to_owned(), "7".to_owned())]);
        assert_eq!(found.path_info, "/x/y/");
        assert_eq!(found.route.prefix(), "/users/:id");
    }

    #[test]
    fn path_info_keeps_the_end_slash() {
        let router = router(&["/a/..."]);
        for (path, info) in [("/a", ""), ("/a/", "/"), ("/a/b", "/b"), ("/a/b/", "/b/")] {
            assert_eq!(router.find(path).expect("a match").path_info, info, "{path}");
        }
    }

    #[test]
    fn a_wildcard_in_the_middle_is_refused() {
        assert!(Router::default().add("/a/.../b", 0, "c").is_err());
    }

    #[test]
    fn a_path_is_matched_without_its_encoding() {
        let router = router(&["/api/boards/...", "/users/:id"]);
        for path in ["/api/boards/x", "/%61pi/boards/x", "/api%2Fboards/x", "/%61%70%69/%62oards/x"] {
            assert_eq!(found(&router, path), Some("/api/boards/..."), "{path}");
        }
        assert_eq!(found(&router, "/%2561pi/boards/x"), None, "it is decoded once");
        assert_eq!(found(&router, "/api/boards/%ff"), Some("/api/boards/..."), "what is no text is matched as it came");
        assert_eq!(router.find("/api/boards/%ff").expect("a match").path_info, "/%ff");
        let found = router.find("/users/J%C3%BCrgen%20%25").expect("a match");
        assert_eq!(found.parameters, [("id".to_owned(), "J%C3%BCrgen%20%25".to_owned())]);
    }

    #[test]
    fn two_routes_with_one_pattern_are_an_error_that_names_both() {
        for (first, second) in [("/a", "/a"), ("/a/...", "/a/*"), ("/a/:x/b", "/a/:y/b"), ("/a", "a/"), ("/...", "/*")]
        {
            let mut router = router(&["/", "/c/...", first]);
            let error = router.add(second, 1, "d").expect_err("a refusal").to_string();
            assert_eq!(
                error,
                format!("routes {first} of component 'c' and {second} of component 'd' have the same pattern")
            );
        }
        router(&["/a/:x", "/a/b", "/a/:x/...", "/a/...", "/b", "/:x"]);
    }
}
