"""Every node type, one folder each. A new one is added to this tuple and nowhere else."""

from backend.node_sdk import NodeType
from designer_nodes.approval import node as approval
from designer_nodes.cancel import node as cancel
from designer_nodes.compensate import node as compensate
from designer_nodes.decision import node as decision
from designer_nodes.dispatch import node as dispatch
from designer_nodes.end import node as end
from designer_nodes.for_each import node as for_each
from designer_nodes.form_task import node as form_task
from designer_nodes.gate import node as gate
from designer_nodes.interleave import node as interleave
from designer_nodes.join import node as join
from designer_nodes.notify import node as notify
from designer_nodes.race import node as race
from designer_nodes.rating import node as rating
from designer_nodes.reverse_settlement import node as reverse_settlement
from designer_nodes.send_message import node as send_message
from designer_nodes.send_signal import node as send_signal
from designer_nodes.set_fields import node as set_fields
from designer_nodes.settle import node as settle
from designer_nodes.split import node as split
from designer_nodes.start import node as start
from designer_nodes.subflow import node as subflow
from designer_nodes.wait import node as wait
from designer_nodes.webhook import node as webhook

NODE_TYPES: tuple[NodeType, ...] = (
    start.NODE_TYPE,
    end.NODE_TYPE,
    form_task.NODE_TYPE,
    approval.NODE_TYPE,
    rating.NODE_TYPE,
    decision.NODE_TYPE,
    split.NODE_TYPE,
    for_each.NODE_TYPE,
    race.NODE_TYPE,
    interleave.NODE_TYPE,
    join.NODE_TYPE,
    wait.NODE_TYPE,
    gate.NODE_TYPE,
    cancel.NODE_TYPE,
    compensate.NODE_TYPE,
    send_message.NODE_TYPE,
    send_signal.NODE_TYPE,
    subflow.NODE_TYPE,
    dispatch.NODE_TYPE,
    set_fields.NODE_TYPE,
    notify.NODE_TYPE,
    webhook.NODE_TYPE,
    settle.NODE_TYPE,
    reverse_settlement.NODE_TYPE,
)
