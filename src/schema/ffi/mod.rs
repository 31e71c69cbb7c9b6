//! libxml2, which libvirt itself parses and validates with: the functions needed here and no more.
//!
//! Rules that make the safe functions sound: every pointer is checked, owned by one value and freed when that is dropped;
//! messages are copied before anything else is called; callbacks push into a list that outlives the call and do nothing
//! else. Nothing is printed (`NOERROR`, `NOWARNING`), nothing is fetched (`NONET`), no external subset or entity is loaded
//! (no `DTDLOAD`, no `NOENT`). The names are of libxml2 2.9 and newer.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::Once;

const NO_ERROR: c_int = 0x20;
const NO_WARNING: c_int = 0x40;
const NO_NETWORK: c_int = 0x800;
/// `XML_FROM_PARSER`
const FROM_PARSER: c_int = 1;
/// `XML_ERR_FATAL`
const FATAL: c_int = 3;
/// Most messages that are kept of one document.
const MOST: usize = 64;

/// `xmlError`, which has kept this layout in all of 2.x.
#[repr(C)]
struct RawError {
    domain: c_int,
    code: c_int,
    message: *mut c_char,
    level: c_int,
    file: *mut c_char,
    line: c_int,
    texts: [*mut c_char; 3],
    number: c_int,
    column: c_int,
    context: *mut c_void,
    node: *mut c_void,
}

type OnError = unsafe extern "C" fn(data: *mut c_void, error: *mut RawError);

#[link(name = "xml2")]
unsafe extern "C" {
    fn xmlInitParser();
    fn xmlSetStructuredErrorFunc(data: *mut c_void, handler: Option<OnError>);
    fn xmlNewParserCtxt() -> *mut c_void;
    fn xmlFreeParserCtxt(context: *mut c_void);
    fn xmlStopParser(context: *mut c_void);
    fn xmlCtxtReadDoc(
        context: *mut c_void,
        text: *const c_char,
        url: *const c_char,
        encoding: *const c_char,
        options: c_int,
    ) -> *mut c_void;
    fn xmlFreeDoc(document: *mut c_void);
    fn xmlRelaxNGNewParserCtxt(url: *const c_char) -> *mut c_void;
    fn xmlRelaxNGFreeParserCtxt(context: *mut c_void);
    fn xmlRelaxNGParse(context: *mut c_void) -> *mut c_void;
    fn xmlRelaxNGFree(schema: *mut c_void);
    fn xmlRelaxNGNewValidCtxt(schema: *mut c_void) -> *mut c_void;
    fn xmlRelaxNGFreeValidCtxt(context: *mut c_void);
    fn xmlRelaxNGValidateDoc(context: *mut c_void, document: *mut c_void) -> c_int;
    fn xmlRegexpCompile(expression: *const c_char) -> *mut c_void;
    fn xmlRegexpExec(expression: *mut c_void, text: *const c_char) -> c_int;
    fn xmlRegFreeRegexp(expression: *mut c_void);
}

/// A message of libxml2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Line from 1; 0 where it knows none.
    pub line: usize,
    /// Column from 1; 0 where it knows none.
    pub column: usize,
    /// Its words, untrusted: they quote the document.
    pub text: String,
}

/// Messages of the calls made while this lives, on this thread.
struct Listening {
    #[allow(
        clippy::box_collection,
        reason = "libxml2 is given its address, which must not move"
    )]
    messages: Box<Vec<Message>>,
}

impl Listening {
    fn start() -> Self {
        static INITIALISED: Once = Once::new();
        // SAFETY: no preconditions; once for the process, as libxml2 asks of programs with threads.
        INITIALISED.call_once(|| unsafe { xmlInitParser() });
        let mut messages = Box::new(Vec::new());
        let data: *mut Vec<Message> = &raw mut *messages;
        // SAFETY: the handler is per thread; `data` lives until `drop` has taken it back on the same thread, since
        // `Listening` is neither Send nor kept.
        unsafe { xmlSetStructuredErrorFunc(data.cast(), Some(heard)) };
        Self { messages }
    }

    fn take(&mut self) -> Vec<Message> {
        std::mem::take(&mut *self.messages)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // SAFETY: no preconditions.
        unsafe { xmlSetStructuredErrorFunc(ptr::null_mut(), None) };
    }
}

/// # Safety
/// Called by libxml2 with the list given to `xmlSetStructuredErrorFunc` and a valid error.
unsafe extern "C" fn heard(data: *mut c_void, error: *mut RawError) {
    // SAFETY: by the contract of this function; nothing else touches the list meanwhile.
    let (Some(messages), Some(error)) =
        (unsafe { (data.cast::<Vec<Message>>().as_mut(), error.as_ref()) })
    else {
        return;
    };
    if messages.len() >= MOST {
        if error.domain == FROM_PARSER && error.level == FATAL && !error.context.is_null() {
            // SAFETY: of an error of the parser the context is its own, and in use. A document with a fatal error is not
            // well-formed, however little of it is read.
            unsafe { xmlStopParser(error.context) };
        }
        return;
    }
    let text = if error.message.is_null() {
        String::new()
    } else {
        // SAFETY: libxml2's messages are NUL-terminated.
        let text = unsafe { CStr::from_ptr(error.message) };
        text.to_string_lossy().trim().chars().take(1024).collect()
    };
    messages.push(Message {
        line: usize::try_from(error.line).unwrap_or(0),
        column: usize::try_from(error.column).unwrap_or(0),
        text,
    });
}

/// A thread is left in libxml2, which frees its globals when the process ends: from now on the process ends without that,
/// or it might crash on its way out. The exit code stays.
pub fn leave_behind() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: Once = Once::new();
        // SAFETY: the function is known for the life of the process and takes what glibc gives it. It runs before the
        // destructors of libraries, since it is registered after they were loaded.
        ONCE.call_once(|| unsafe {
            on_exit(end_now, ptr::null_mut());
        });
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe extern "C" {
    fn on_exit(
        function: unsafe extern "C" fn(status: c_int, data: *mut c_void),
        data: *mut c_void,
    ) -> c_int;
    fn _exit(status: c_int) -> !;
}

/// # Safety
/// Called by glibc when the process ends; all of Rust's own output is written by then.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe extern "C" fn end_now(status: c_int, _data: *mut c_void) {
    // SAFETY: no preconditions.
    unsafe { _exit(status) }
}

/// A document that is well-formed.
pub struct ParsedDocument(*mut c_void);

impl ParsedDocument {
    /// Reads a document the way libvirt does (`xmlCtxtReadDoc`).
    ///
    /// # Errors
    /// Messages, the first of which is the cause.
    pub fn read(text: &CStr) -> Result<Self, Vec<Message>> {
        let mut listening = Listening::start();
        // SAFETY: the context is checked, used and freed here; the text is NUL-terminated and outlives the call.
        let document = unsafe {
            let context = xmlNewParserCtxt();
            if context.is_null() {
                return Err(listening.take());
            }
            let options = NO_ERROR | NO_WARNING | NO_NETWORK;
            let document =
                xmlCtxtReadDoc(context, text.as_ptr(), ptr::null(), ptr::null(), options);
            xmlFreeParserCtxt(context);
            document
        };
        if document.is_null() {
            return Err(listening.take());
        }
        Ok(Self(document))
    }
}

impl Drop for ParsedDocument {
    fn drop(&mut self) {
        // SAFETY: owned, and not used after.
        unsafe { xmlFreeDoc(self.0) };
    }
}

/// A schema, read once and validated against often.
pub struct Validator(*mut c_void);

// SAFETY: libxml2 does not change a schema that was read; what a validation needs is in a context of its own. libvirt shares
// its schemas between threads behind a lock for the context alone.
unsafe impl Send for Validator {}

impl Validator {
    /// Reads a schema with all that it includes.
    ///
    /// # Errors
    /// Messages.
    pub fn load(path: &Path) -> Result<Self, Vec<Message>> {
        let Ok(url) = CString::new(path.as_os_str().as_encoded_bytes()) else {
            return Err(Vec::new());
        };
        let mut listening = Listening::start();
        // SAFETY: the context is checked, used and freed here; the path is NUL-terminated and outlives it.
        let schema = unsafe {
            let context = xmlRelaxNGNewParserCtxt(url.as_ptr());
            if context.is_null() {
                return Err(listening.take());
            }
            let schema = xmlRelaxNGParse(context);
            xmlRelaxNGFreeParserCtxt(context);
            schema
        };
        if schema.is_null() {
            return Err(listening.take());
        }
        Ok(Self(schema))
    }

    /// Whether a document is valid.
    ///
    /// # Errors
    /// Messages, which may be vague.
    pub fn validate(&self, document: &ParsedDocument) -> Result<(), Vec<Message>> {
        let mut listening = Listening::start();
        // SAFETY: schema and document are alive; the context is checked, used and freed here.
        let result = unsafe {
            let context = xmlRelaxNGNewValidCtxt(self.0);
            if context.is_null() {
                return Err(listening.take());
            }
            let result = xmlRelaxNGValidateDoc(context, document.0);
            xmlRelaxNGFreeValidCtxt(context);
            result
        };
        if result == 0 {
            return Ok(());
        }
        Err(listening.take())
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        // SAFETY: owned, and not used after.
        unsafe { xmlRelaxNGFree(self.0) };
    }
}

/// A regular expression of XML Schema.
pub struct Expression(*mut c_void);

impl Expression {
    /// Reads one; `None` for one that is wrong.
    pub fn new(expression: &str) -> Option<Self> {
        let expression = CString::new(expression).ok()?;
        let _quiet = Listening::start();
        // SAFETY: the text is NUL-terminated and copied.
        let compiled = unsafe { xmlRegexpCompile(expression.as_ptr()) };
        (!compiled.is_null()).then_some(Self(compiled))
    }

    /// Whether a whole text is like it.
    pub fn matches(&self, text: &str) -> bool {
        let Ok(text) = CString::new(text) else {
            return false;
        };
        // SAFETY: the expression is alive, the text NUL-terminated.
        unsafe { xmlRegexpExec(self.0, text.as_ptr()) == 1 }
    }
}

impl Drop for Expression {
    fn drop(&mut self) {
        // SAFETY: owned, and not used after.
        unsafe { xmlRegFreeRegexp(self.0) };
    }
}
