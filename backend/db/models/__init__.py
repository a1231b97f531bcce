"""All tables, one file a group. Importing this package fills `Table.metadata`."""

from backend.db.models.administration import AuditEntry, Connection, IdempotencyKey, StoredFile
from backend.db.models.corrections import Correction
from backend.db.models.declarative import Record
from backend.db.models.identity import (
    ApiToken,
    Member,
    Role,
    SetupLink,
    SignInAttempt,
    Team,
    User,
    UserSession,
    Workspace,
)
from backend.db.models.jobs import Incident, Job, Notification
from backend.db.models.labour import LabourEntry, LabourRate, LabourRun, Project
from backend.db.models.messaging import Message, MessageSubscription, TicketLink
from backend.db.models.operations import (
    EVENTS_ARCHIVE,
    INCIDENTS_ARCHIVE,
    JOBS_ARCHIVE,
    TASKS_ARCHIVE,
    WHOLE_STATE,
    ArchivedState,
    BulkRun,
    JobLimit,
    JobPace,
    Worker,
)
from backend.db.models.orders import AttributionRule, Order, OrderImport, OrderImportRow, OrderReturn
from backend.db.models.periods import PeriodClosing, PeriodTotal, SettlementPeriod, SettlementRule
from backend.db.models.quarantine import QuarantineItem
from backend.db.models.regions import Region
from backend.db.models.settlement import Accumulator, LedgerLine, Posting, Tariff, TariffRevision
from backend.db.models.statements import Dispute, DisputeMessage
from backend.db.models.tariff_drafts import TariffBacktest, TariffBacktestTicket, TariffDraft
from backend.db.models.templates import InstalledTemplate
from backend.db.models.tickets import Task, TaskDraft, Ticket, TicketCounter, TicketEvent
from backend.db.models.triggers import (
    CollectionRecord,
    Trigger,
    TriggerDate,
    TriggerFiring,
    WorkflowVariants,
)
from backend.db.models.versions import Migration, MigrationTicket, Rehearsal, RehearsalTicket
from backend.db.models.workflows import Draft, DraftEdit, EntryLink, Release, Workflow

__all__ = [
    "EVENTS_ARCHIVE",
    "INCIDENTS_ARCHIVE",
    "JOBS_ARCHIVE",
    "TASKS_ARCHIVE",
    "WHOLE_STATE",
    "Accumulator",
    "ApiToken",
    "ArchivedState",
    "AttributionRule",
    "AuditEntry",
    "BulkRun",
    "CollectionRecord",
    "Connection",
    "Correction",
    "Dispute",
    "DisputeMessage",
    "Draft",
    "DraftEdit",
    "EntryLink",
    "IdempotencyKey",
    "Incident",
    "InstalledTemplate",
    "Job",
    "JobLimit",
    "JobPace",
    "LabourEntry",
    "LabourRate",
    "LabourRun",
    "LedgerLine",
    "Member",
    "Message",
    "MessageSubscription",
    "Migration",
    "MigrationTicket",
    "Notification",
    "Order",
    "OrderImport",
    "OrderImportRow",
    "OrderReturn",
    "PeriodClosing",
    "PeriodTotal",
    "Posting",
    "Project",
    "QuarantineItem",
    "Record",
    "Region",
    "Rehearsal",
    "RehearsalTicket",
    "Release",
    "Role",
    "SettlementPeriod",
    "SettlementRule",
    "SetupLink",
    "SignInAttempt",
    "StoredFile",
    "Tariff",
    "TariffBacktest",
    "TariffBacktestTicket",
    "TariffDraft",
    "TariffRevision",
    "Task",
    "TaskDraft",
    "Team",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TicketLink",
    "Trigger",
    "TriggerDate",
    "TriggerFiring",
    "User",
    "UserSession",
    "Worker",
    "Workflow",
    "WorkflowVariants",
    "Workspace",
]
