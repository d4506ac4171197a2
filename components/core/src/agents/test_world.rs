//! A database with one organization, one mailbox gateway and two boards, for tests of agents.

use uuid::Uuid;

use super::provisioning::{self, NewAgent, Provisioned};
use super::session::Post;
use super::{default_heartbeat_config, profile};
use crate::boards::{self, Board};
use crate::gateways::Gateway;
use mission_control_platform::db::native::Sqlite;
use mission_control_platform::db::{Tx, migrate};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

pub(crate) struct World {
    connection: Sqlite,
    pub gateway: Gateway,
    pub board: Board,
    pub other_board: Board,
}

impl World {
    pub fn new() -> Self {
        let mut connection = Sqlite::in_memory();
        migrate::migrate(&mut connection).unwrap();
        let mut tx = Tx::on(&mut connection);
        let now = Timestamp::now();
        let organization_id = Uuid::new_v4();
        tx.execute(
            "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, 'Acme', $2, $2)",
            &params![organization_id, now],
        )
        .unwrap();
        let gateway = Gateway {
            id: Uuid::new_v4(),
            organization_id,
            name: "Post".to_owned(),
            url: "mailbox:".to_owned(),
            token: None,
            workspace_root: String::new(),
            allow_insecure_tls: false,
            disable_device_pairing: false,
            created_at: now,
            updated_at: now,
        };
        crate::gateways::store::insert(&mut tx, &gateway).unwrap();
        let mut board = || {
            let id = Uuid::new_v4();
            tx.execute(
                "INSERT INTO boards (id, organization_id, name, slug, description, gateway_id, created_at, updated_at)
                 VALUES ($1, $2, 'Board', 'board', 'A board', $3, $4, $4)",
                &params![id, organization_id, gateway.id, now],
            )
            .unwrap();
            boards::store::find(&mut tx, id).unwrap().unwrap()
        };
        let (board, other_board) = (board(), board());
        Self { connection, gateway, board, other_board }
    }

    pub fn connection(&mut self) -> &mut Sqlite {
        &mut self.connection
    }

    pub fn tx(&mut self) -> Tx<'_> {
        Tx::on(&mut self.connection)
    }

    pub fn agent(&mut self, post: Post, name: &str) -> Provisioned {
        let new = NewAgent {
            post,
            name: name.to_owned(),
            heartbeat_config: default_heartbeat_config(),
            identity_profile: Some(profile::of_role("Tester", ":gear:")),
            identity_template: None,
            soul_template: None,
        };
        let gateway = self.gateway.clone();
        provisioning::provision(&mut self.tx(), &gateway, new).unwrap()
    }

    pub fn worker(&mut self, name: &str) -> Provisioned {
        let post = Post::Worker(self.board.id);
        self.agent(post, name)
    }
}
