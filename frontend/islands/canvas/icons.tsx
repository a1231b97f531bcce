/** Icons of node types by their lucide name; families always show one, so that colour is never alone. */
import {
  AlarmClock, BadgeCheck, Banknote, Bell, Box, Calculator, CalendarClock, CircleDollarSign, CircleStop, ClipboardList, ClipboardPen,
  Clock, Coins, FileText, Flag, FlagTriangleRight, GitBranch, GitFork, GitMerge, HandCoins, Hourglass, Layers, ListChecks, ListOrdered, LogIn, LogOut, Mail,
  MessageSquare, Milestone, PencilLine, Phone, Play, QrCode, Radio, Receipt, Repeat, RotateCcw, Route, Scissors, Send, Split, Square, Stamp, Star,
  Timer, TriangleAlert, Undo2, UserCheck, Users, Variable, Wallet, Webhook, Workflow, type LucideIcon,
} from "lucide-react";
import type { BoundaryKind, Family } from "./model";

const ICONS: Record<string, LucideIcon> = {
  "badge-check": BadgeCheck, banknote: Banknote, bell: Bell, calculator: Calculator, "calendar-clock": CalendarClock,
  "circle-dollar-sign": CircleDollarSign, "circle-stop": CircleStop, "clipboard-list": ClipboardList,
  "clipboard-pen": ClipboardPen, clock: Clock, coins: Coins, "file-text": FileText, flag: Flag, "flag-triangle-right": FlagTriangleRight, "git-branch": GitBranch,
  "git-fork": GitFork, "git-merge": GitMerge, "hand-coins": HandCoins, hourglass: Hourglass, layers: Layers, "list-ordered": ListOrdered, "list-checks": ListChecks,
  "log-in": LogIn, "log-out": LogOut, mail: Mail, "message-square": MessageSquare, milestone: Milestone,
  "pencil-line": PencilLine, phone: Phone, play: Play, "qr-code": QrCode, radio: Radio, receipt: Receipt, repeat: Repeat, "rotate-ccw": RotateCcw, route: Route, scissors: Scissors, "undo-2": Undo2,
  send: Send, split: Split, square: Square, stamp: Stamp, star: Star, timer: Timer, "user-check": UserCheck, users: Users,
  variable: Variable, wallet: Wallet, webhook: Webhook, workflow: Workflow,
};

const TINTS: Record<Family, string> = {
  entry: "bg-family-entry text-family-entry-ink",
  human: "bg-family-human text-family-human-ink",
  flow: "bg-family-flow text-family-flow-ink",
  automatic: "bg-family-automatic text-family-automatic-ink",
  money: "bg-family-money text-family-money-ink",
};

export function FamilyIcon({ icon, family, size = 28 }: { icon: string | undefined; family: Family | undefined; size?: 24 | 28 | 36 }) {
  const Icon = ICONS[icon ?? ""] ?? Box;
  const box = { 24: "size-6", 28: "size-7", 36: "size-9" }[size];
  return (
    <span className={`grid shrink-0 place-items-center rounded-field ${box} ${family ? TINTS[family] : "bg-base-200 text-muted"}`}>
      <Icon className={size === 36 ? "size-5" : "size-4"} strokeWidth={1.75} aria-hidden />
    </span>
  );
}

const BOUNDARY_ICONS: Record<BoundaryKind, LucideIcon> = { timer: AlarmClock, message: Mail, signal: Radio, error: TriangleAlert };

export function BoundaryIcon({ kind }: { kind: BoundaryKind }) {
  const Icon = BOUNDARY_ICONS[kind];
  return <Icon className="size-3" strokeWidth={2} aria-hidden />;
}
