//! Creating a gateway of either kind.

use super::role::SERVICE_LINKED_ROLE;
use crate::error::{Missing, of_store};
use crate::write::Write;
use crate::{Control, ControlError};
use domain::arrival::ArrivalSettings;
use domain::gateway::{AlbDraft, Gateway, GatewayKind, InternetAccess, ManagedDraft, TlsSettings};
use domain::id::{GatewayId, OrderId};
use domain::label::Labels;
use domain::name::GatewayName;
use domain::order::Order;
use domain::role::Permission;
use domain::traffic::TrafficSettings;
use identity::{Principal, authorize, entropy};

impl Control {
    /// A logical object that costs nothing. Needs the service-linked role, because what comes next provisions.
    pub async fn create_alb_gateway(&self, principal: &Principal, draft: &AlbDraft) -> Result<GatewayId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let name = draft.validate()?;
        if !self.store().role_granted(&principal.account_id, SERVICE_LINKED_ROLE).await? {
            return Err(ControlError::RoleNotGranted { role: SERVICE_LINKED_ROLE });
        }
        let mut write = self.write(principal).await?;
        let gateway = insert(&mut write, principal, name, GatewayKind::Alb).await?;
        write.commit().await?;
        Ok(gateway.id)
    }

    /// The order and the gateway, together or not at all.
    pub async fn buy_managed_gateway(
        &self,
        principal: &Principal,
        draft: &ManagedDraft,
    ) -> Result<GatewayId, ControlError> {
        authorize(principal, Permission::ManageGateways)?;
        let (name, kind) = draft.validate()?;
        let mut write = self.write(principal).await?;
        let gateway = insert(&mut write, principal, name, kind).await?;
        if let GatewayKind::FullyManaged { spec, nodes, charge } = gateway.kind {
            let order = Order {
                id: OrderId::from_random(entropy::id()),
                gateway_id: gateway.id.clone(),
                spec,
                nodes,
                charge,
                ordered_by: principal.user_id.clone(),
                ordered_at: write.now,
            };
            write.tx.insert_order(&order, &principal.account_id, &principal.workspace_id).await?;
        }
        write.commit().await?;
        Ok(gateway.id)
    }
}

async fn insert(
    write: &mut Write<'_>,
    principal: &Principal,
    name: GatewayName,
    kind: GatewayKind,
) -> Result<Gateway, ControlError> {
    let gateway = Gateway {
        id: GatewayId::from_random(entropy::id()),
        account_id: principal.account_id.clone(),
        workspace_id: principal.workspace_id.clone(),
        name,
        kind,
        internet: InternetAccess::default(),
        vpcs: Vec::new(),
        alb: None,
        tls: TlsSettings::default(),
        labels: Labels::default(),
        protected: false,
        traffic: TrafficSettings::default(),
        arrival: ArrivalSettings::default(),
        is_default: false,
        revision: 1,
        created_at: write.now,
        updated_at: write.now,
    };
    let name = gateway.name.as_str();
    write.tx.insert_gateway(&gateway).await.map_err(|error| of_store(error, Missing::Gateway, name))?;
    write.gateway("gateway.create", None, Some(&gateway)).await?;
    Ok(gateway)
}
