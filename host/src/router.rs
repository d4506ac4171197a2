//! Finds the component that answers a path.

use anyhow::{Context, ensure};
use std::cmp::Ordering;

/// The application's routes, best match first.
#[derive(Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
}

/// One route's pattern and the index of its component.
#[derive(Debug)]
pub struct Route {
    /// The pattern as written in the manifest.
    pub raw: String,
    /// The index that [`Router::add`] was given.
    pub component: usize,
    segments: Vec<Segment>,
    wildcard: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Exact(String),
    Parameter(String),
}

/// A path's route, with what its open parts stood for.
#[derive(Debug)]
pub struct Match<'a> {
    /// The route that matched.
    pub route: &'a Route,
    /// The part of the path under the `/...`: empty, or starting with a slash.
    pub path_info: String,
    /// Each `:name` segment with its value.
    pub parameters: Vec<(&'a str, &'a str)>,
}

impl Router {
    /// Adds a route; a later route with the same pattern replaces the earlier one.
    pub fn add(&mut self, pattern: &str, component: usize) -> anyhow::Result<()> {
        let route = Route::parse(pattern, component).with_context(|| format!("route {pattern} is not valid"))?;
        self.routes.retain(|other| other.raw != route.raw);
        // Equal patterns under other spellings: the first one stays in front.
        let place = self.routes.partition_point(|other| other.precedence(&route) != Ordering::Greater);
        self.routes.insert(place, route);
        Ok(())
    }

    /// The best route for a request's path, without its query.
    pub fn find<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        self.routes.iter().find_map(|route| route.matches(path))
    }
}

impl Route {
    fn parse(pattern: &str, component: usize) -> anyhow::Result<Self> {
        let path = pattern.strip_prefix('/').unwrap_or(pattern);
        let (path, wildcard) = match path {
            "..." | "*" => ("", true),
            _ => match path.strip_suffix("/...").or(path.strip_suffix("/*")) {
                Some(prefix) => (prefix, true),
                None => (path, false),
            },
        };
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = Vec::new();
        for segment in path.split('/').filter(|_| !path.is_empty()) {
            ensure!(segment != "..." && segment != "*", "a wildcard can only stand at the end");
            segments.push(match segment.strip_prefix(':') {
                Some(name) => {
                    ensure!(!name.is_empty(), "':' wants a name");
                    Segment::Parameter(name.to_owned())
                }
                None => Segment::Exact(segment.to_owned()),
            });
        }
        Ok(Self { raw: pattern.to_owned(), component, segments, wildcard })
    }

    /// The pattern without its `/...`.
    pub fn prefix(&self) -> &str {
        self.raw.strip_suffix("/...").unwrap_or(&self.raw)
    }

    /// `Less` for the route that is tried first: the one that says more, from left to right.
    fn precedence(&self, other: &Self) -> Ordering {
        let kinds = |route: &Self| -> Vec<u8> {
            let segments = route.segments.iter().map(|segment| match segment {
                Segment::Exact(_) => 0,
                Segment::Parameter(_) => 2,
            });
            // An end stands between: `/a` beats `/a/...`, and `/a/b` beats `/a/...`.
            segments.chain([if route.wildcard { 3 } else { 1 }]).collect()
        };
        kinds(self).cmp(&kinds(other))
    }

    fn matches<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        let trimmed = path.trim_start_matches('/').trim_end_matches('/');
        let mut rest = Some(trimmed).filter(|rest| !rest.is_empty());
        let mut parameters = Vec::new();
        for segment in &self.segments {
            let (head, tail) = match rest?.split_once('/') {
                Some((head, tail)) => (head, Some(tail)),
                None => (rest?, None),
            };
            match segment {
                Segment::Exact(text) if text == head => {}
                Segment::Parameter(name) if !head.is_empty() => parameters.push((name.as_str(), head)),
                _ => return None,
            }
            rest = tail;
        }
        if rest.is_some() && !self.wildcard {
            return None;
        }
        let path_info =
            if self.wildcard { path_info(rest.unwrap_or_default(), path.ends_with('/')) } else { String::new() };
        Some(Match { route: self, path_info, parameters })
    }
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
            router.add(pattern, index).expect("a valid pattern");
        }
        router
    }

    fn found<'a>(router: &'a Router, path: &'a str) -> Option<&'a str> {
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
        assert_eq!(found.parameters, [("id", "7"), ("post", "9")]);
        let found = router.find("/users/7/x/y/").expect("a match");
        assert_eq!(found.parameters, [("id", "7")]);
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
        assert!(Router::default().add("/a/.../b", 0).is_err());
    }
}
