import type { IChangeEvent } from "@rjsf/core";
import Form from "@rjsf/core/lib/components/Form.js"; // the package index drags in an evaluating validator for tests
import type { RegistryFieldsType, RJSFSchema } from "@rjsf/utils";
import { useMemo, useRef } from "react";
import type { FormContext } from "./context";
import { present } from "./present";
import type { FormData, JsonSchema, UiSchema } from "./schema";
import { TEMPLATES } from "./templates";
import { errorTree, interpreter, type FieldError } from "./validator";
import { JsonField } from "./widgets/json";
import { ExactNumberField } from "./widgets/exact";
import { WIDGETS } from "./widgets";

export interface SchemaFormProps {
  schema: JsonSchema;
  ui?: UiSchema;
  value: FormData;
  onChange: (value: FormData) => void;
  onBlur?: () => void;
  errors?: readonly FieldError[];
  readonly?: boolean;
  context: FormContext;
  /** Prefix of the ids in the page, when several forms stand in it. */
  idPrefix?: string;
  /** Renderers of whole values beyond the ones of tickets; the config panel brings its own. */
  fields?: RegistryFieldsType;
}

const FIELDS: RegistryFieldsType = { json: JsonField, NumberField: ExactNumberField };
const NO_ERRORS: readonly FieldError[] = [];
/** Nothing is answered for a person; in a config panel only what tells the branches of a union apart is set. */
const DEFAULTS = {
  form: { emptyObjectFields: "skipDefaults", arrayMinItems: { populate: "never" }, constAsDefaults: "never" },
  panel: { emptyObjectFields: "skipEmptyDefaults", arrayMinItems: { populate: "never" }, constAsDefaults: "skipOneOf" },
} as const;

/** Draws one schema with the page's own look; holds no data and sends nothing. */
export function SchemaForm(props: SchemaFormProps) {
  const { schema, ui, value, onChange, onBlur, errors = NO_ERRORS, readonly, context, idPrefix = "field", fields = FIELDS } = props;
  const { locale, t, variant } = context;
  const presented = useMemo(() => present(schema, ui, { locale, t, variant }), [schema, ui, locale, t, variant]);
  const extraErrors = useMemo(() => errorTree(errors), [errors]);
  const latest = useRef(value);
  latest.current = value;
  return (
    <Form
      tagName="div"
      className="@container"
      idPrefix={idPrefix}
      schema={presented.schema as RJSFSchema}
      uiSchema={presented.ui}
      formData={value}
      formContext={context}
      validator={interpreter}
      widgets={WIDGETS}
      fields={fields}
      templates={TEMPLATES}
      extraErrors={extraErrors}
      experimental_defaultFormStateBehavior={DEFAULTS[variant]}
      readonly={readonly}
      noValidate
      noHtml5Validate
      showErrorList={false}
      onBlur={onBlur && (() => onBlur())}
      onChange={(event: IChangeEvent<FormData>) => {
        if (event.formData && event.formData !== latest.current) onChange(event.formData);
      }}
    >
      <></>
    </Form>
  );
}
