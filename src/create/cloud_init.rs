//! The files of a NoCloud seed: what cloud-init finds on a volume labelled `cidata` (cloud-init's documentation, "NoCloud").

use serde_json::{Value, json};

use super::domain::{CloudInit, NewDomain, RootPassword};

/// The label by which cloud-init knows the volume.
pub const SEED_LABEL: &str = "cidata";

/// The files of a seed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seed {
    /// `user-data`.
    pub user_data: String,
    /// `meta-data`.
    pub meta_data: String,
    /// `network-config`.
    pub network_config: Option<String>,
}

impl Seed {
    /// Name and content of each file.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let network = self.network_config.as_deref();
        [
            ("user-data", self.user_data.as_str()),
            ("meta-data", self.meta_data.as_str()),
        ]
        .into_iter()
        .chain(network.map(|text| ("network-config", text)))
    }
}

/// The seed of a domain. The documents are JSON, which is YAML too: nothing that was typed can break out of it.
pub(super) fn seed(domain: &NewDomain, wanted: &CloudInit) -> Seed {
    let hostname = wanted.hostname.as_deref().unwrap_or(&domain.name);
    let user_data = wanted.user_data.clone().unwrap_or_else(|| {
        let mut data = json!({ "hostname": hostname, "ssh_pwauth": false });
        let mut users = vec![json!("default")];
        if let Some(user) = &wanted.user {
            users.push(json!({
                "name": user,
                "groups": ["sudo"],
                "shell": "/bin/bash",
                "sudo": "ALL=(ALL) NOPASSWD:ALL",
                "lock_passwd": true,
                "ssh_authorized_keys": wanted.ssh_keys,
            }));
        } else if !wanted.ssh_keys.is_empty() {
            data["ssh_authorized_keys"] = json!(wanted.ssh_keys);
        }
        if !wanted.root_ssh_keys.is_empty() {
            users.push(json!({ "name": "root", "ssh_authorized_keys": wanted.root_ssh_keys }));
            // Else root's keys only say who should log in instead.
            data["disable_root"] = Value::Bool(false);
        }
        if users.len() > 1 {
            data["users"] = Value::Array(users);
        }
        let password = match &wanted.root_password {
            Some(RootPassword::Given(password)) => Some((password, false)),
            Some(RootPassword::Made(password)) => Some((password, true)),
            Some(RootPassword::Wanted) | None => None,
        };
        if let Some((password, expire)) = password {
            data["chpasswd"] = json!({ "expire": expire, "list": format!("root:{password}\n") });
        }
        if wanted.disable {
            // In the words of its manual: it looks for this file.
            data["runcmd"] = json!(["touch /etc/cloud/cloud-init.disabled"]);
        }
        if !wanted.packages.is_empty() {
            data["packages"] = json!(wanted.packages);
            data["package_update"] = Value::Bool(true);
        }
        format!("#cloud-config\n{data:#}\n")
    });
    let meta_data = wanted.meta_data.clone().unwrap_or_else(|| {
        // A new instance id makes cloud-init run again: a domain made anew under an old name is a new instance.
        let instance = domain
            .uuid
            .map_or_else(|| domain.name.clone(), |uuid| uuid.to_string());
        format!(
            "{:#}\n",
            json!({ "instance-id": instance, "local-hostname": hostname })
        )
    });
    Seed {
        user_data,
        meta_data,
        network_config: wanted.network_config.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_a_value() {
        let domain = NewDomain {
            name: "web1".to_owned(),
            ..NewDomain::default()
        };
        let wanted = CloudInit {
            user: Some("ann\n- evil: true".to_owned()),
            ssh_keys: vec!["ssh-ed25519 AAAA ann@desk".to_owned()],
            packages: vec!["qemu-guest-agent".to_owned()],
            ..CloudInit::default()
        };
        let seed = seed(&domain, &wanted);
        let body = seed.user_data.strip_prefix("#cloud-config\n").unwrap();
        let data: Value = serde_json::from_str(body).unwrap();
        assert_eq!(data["users"][1]["name"], "ann\n- evil: true");
        assert_eq!(data["hostname"], "web1");
        assert_eq!(data["packages"][0], "qemu-guest-agent");
        assert_eq!(seed.files().count(), 2);
    }

    #[test]
    fn root_gets_what_is_said_for_it() {
        let domain = NewDomain::default();
        let data = |wanted: &CloudInit| -> Value {
            let text = seed(&domain, wanted).user_data;
            serde_json::from_str(text.strip_prefix("#cloud-config\n").unwrap()).unwrap()
        };
        let wanted = CloudInit {
            root_ssh_keys: vec!["ssh-ed25519 AAAA".to_owned()],
            root_password: Some(RootPassword::Made("geheim".to_owned())),
            disable: true,
            ..CloudInit::default()
        };
        let told = data(&wanted);
        assert_eq!(told["users"][1]["name"], "root");
        assert_eq!(told["disable_root"], false);
        assert_eq!(told["chpasswd"]["list"], "root:geheim\n");
        assert_eq!(told["chpasswd"]["expire"], true);
        assert!(
            told["runcmd"][0]
                .as_str()
                .unwrap()
                .contains("cloud-init.disabled")
        );
        assert!(!format!("{wanted:?}").contains("geheim"));
        assert_eq!(data(&CloudInit::default())["users"], Value::Null);
    }
}
