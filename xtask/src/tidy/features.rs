//! A feature that says what devices there are must say so to everybody on the way: an app that knows a synthetic camera
//! over a client that does not would report its pictures as a real person's. Builds of the whole workspace hide it,
//! because cargo then unites the features that any package asks for.
use super::Finding;
use crate::workspace::Package;

const SYNTHETIC: &str = "synthetic";

/// Whoever has the feature passes it on to every package of ours that it needs and that has it too.
pub fn check(packages: &[Package]) -> Vec<Finding> {
    let has = |name: &str| packages.iter().any(|p| p.name == name && p.features.contains_key(SYNTHETIC));
    let mut findings = Vec::new();
    for package in packages {
        let Some(passed) = package.features.get(SYNTHETIC) else { continue };
        for need in package.needs.iter().filter(|need| has(need)) {
            let wanted = format!("{need}/{SYNTHETIC}");
            if !passed.contains(&wanted) {
                findings.push(Finding::error(
                    package.folder.join("Cargo.toml"),
                    1,
                    format!("the feature {SYNTHETIC} of {} must have {wanted}", package.name),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, needs: &[&str], synthetic: Option<&[&str]>) -> Package {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        Package {
            name: name.to_owned(),
            needs: owned(needs),
            features: synthetic.map(|passed| (SYNTHETIC.to_owned(), owned(passed))).into_iter().collect(),
            ..Package::default()
        }
    }

    #[test]
    fn a_feature_that_stops_half_way_is_found() {
        let media = package("media", &["domain"], Some(&[]));
        let client = package("client", &["media"], Some(&["media/synthetic"]));
        let domain = package("domain", &[], None);
        let all = package("app", &["client", "media"], Some(&["client/synthetic", "media/synthetic"]));
        assert!(check(&[media.clone(), client.clone(), domain.clone(), all]).is_empty());
        let half = package("app", &["client", "media"], Some(&["media/synthetic"]));
        let found = check(&[media, client, domain, half]);
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("client/synthetic"), "{}", found[0].what);
    }
}
