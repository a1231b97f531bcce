import { CircleCheck } from "lucide-react";
import { useMemo, useState } from "react";
import type { Emit } from "../bridge";
import { localeOf } from "../shared/catalogue";
import { createHttp, pageCsrf } from "../shared/http";
import { Boundary } from "./Boundary";
import { taskSource, urlSource, type Result } from "./source";
import { formTexts } from "./texts";
import { TicketForm } from "./TicketForm";

export interface FormIslandProps {
  /** A task to do; or the address of a form, for what is no task yet. */
  taskId?: string;
  formUrl?: string;
  submitUrl?: string;
  /** Sent beside `data` to `submitUrl`, such as `{workflow_id, region_id}`. */
  submitExtra?: Result;
  locale?: string;
  zone?: string;
  csrf?: string;
  /** Keeps what two people type on one device apart. */
  memberId?: string;
  titled?: boolean;
}

/** Emits `completed` with what the server answered (`ticket_id`, `status`, `next_task_id`). */
export function FormIsland(props: FormIslandProps & { emit: Emit }) {
  const { taskId, formUrl, submitUrl, submitExtra, zone, csrf, memberId = "", titled, emit } = props;
  const locale = localeOf(props.locale);
  const [done, setDone] = useState<string>();
  const http = useMemo(() => createHttp(locale, csrf || pageCsrf()), [locale, csrf]);
  const extra = JSON.stringify(submitExtra ?? {});
  const source = useMemo(() => {
    if (taskId) return taskSource(http, taskId, memberId);
    return urlSource(http, formUrl ?? "", submitUrl ?? formUrl ?? "", JSON.parse(extra) as Result);
  }, [http, taskId, memberId, formUrl, submitUrl, extra]);
  if (done === source.key) return <Done locale={locale} />;
  return (
    <Boundary locale={locale}>
      <TicketForm
        key={source.key}
        source={source}
        http={http}
        locale={locale}
        zone={zone}
        titled={titled}
        onDone={(result) => {
          setDone(source.key);
          emit("completed", result);
        }}
      />
    </Boundary>
  );
}

function Done({ locale }: { locale: "zh" | "en" }) {
  return (
    <section className="tf-card flex items-center gap-3" role="status">
      <CircleCheck className="size-6 text-success" aria-hidden />
      <p className="text-base font-semibold">{formTexts(locale)("done.title")}</p>
    </section>
  );
}
