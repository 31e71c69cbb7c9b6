//! The content of one document in the form of another.

use super::compare::is_equal;
use super::merge::graft;
use super::tree::{Malformed, Tree};

/// `other` with what was changed from `base` to `edited`. Where `other` says something else there, the change stands.
///
/// # Errors
/// When one of them is not well-formed.
pub fn reapply(base: &str, edited: &str, other: &str) -> Result<String, Malformed> {
    let (base, edited) = (Tree::parse(base)?, Tree::parse(edited)?);
    let other = Tree::parse(other)?;
    Ok(graft(&base, &edited, &other, true).text)
}

/// A document that says what `content` says, written as `form` is: lines that say the same stay as they are, with their
/// order, quotes and comments. So a definition that libvirt wrote anew, with its devices in another order, differs from the
/// former one in nothing but what changed.
///
/// # Errors
/// When one of them is not well-formed.
pub fn adopt(form: &str, content: &str) -> Result<String, Malformed> {
    let (old, new) = (Tree::parse(form)?, Tree::parse(content)?);
    if is_equal(&old, &new) {
        return Ok(form.to_owned());
    }
    let text = graft(&old, &new, &old, true).text;
    match Tree::parse(&text) {
        Ok(result) if is_equal(&result, &new) => Ok(text),
        // An order that means something, or names of namespaces: as it stands, then.
        _ => Ok(content.to_owned()),
    }
}
