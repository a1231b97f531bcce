import type { RegistryWidgetsType } from "@rjsf/utils";
import { CheckboxesWidget, ChoiceWidget, ToggleWidget, YesNoWidget } from "./choice";
import { FilesWidget, PhotosWidget } from "./files";
import { MoneyWidget, NumberWidget } from "./number";
import { RatingWidget } from "./rating";
import { RegionWidget } from "./region";
import { PhoneWidget, TextareaWidget, TextWidget } from "./text";
import { DateTimeWidget, DateWidget } from "./time";

/** Widgets by the name that `present` gives; the renderer's own names are covered too, so that no stock look shows. */
export const WIDGETS: RegistryWidgetsType = {
  text: TextWidget, textarea: TextareaWidget, number: NumberWidget, money: MoneyWidget, choice: ChoiceWidget, checkboxes: CheckboxesWidget,
  date: DateWidget, datetime: DateTimeWidget, yesno: YesNoWidget, toggle: ToggleWidget, photos: PhotosWidget, files: FilesWidget,
  phone: PhoneWidget, region: RegionWidget, rating: RatingWidget,
  TextWidget, TextareaWidget, SelectWidget: ChoiceWidget, RadioWidget: ChoiceWidget, CheckboxWidget: YesNoWidget, CheckboxesWidget,
  DateWidget, DateTimeWidget, EmailWidget: TextWidget, URLWidget: TextWidget, UpDownWidget: NumberWidget, FileWidget: FilesWidget,
};
