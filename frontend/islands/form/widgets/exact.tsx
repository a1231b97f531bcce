import type { FieldProps } from "@rjsf/utils";

/**
 * Numbers without the renderer's own conversion: the widgets here read the text exactly, while that one turns
 * what they refuse (an amount with too many digits) into a number that nobody typed.
 */
export function ExactNumberField(props: FieldProps) {
  const { StringField } = props.registry.fields;
  return StringField ? <StringField {...props} /> : null;
}
