// A day, or a day and an hour, in the order people here write it (26/11/2026
// 08:30), whatever language the browser speaks: its own field of dates goes by
// that alone. Digits and arrows fill it; each part is a spin button.
import { type DateValue, parseDate, parseDateTime } from '@internationalized/date';
import * as dateInput from '@zag-js/date-input';
import { normalizeProps, useMachine } from '@zag-js/preact';
import { useId } from 'preact/hooks';
import { lang } from '../i18n/i18n';
import { type Word, w } from './words';

interface Props {
  name: string;
  label: Word;
  /** "2026-11-26", with an hour "2026-11-26T08:30"; "" while there is none. */
  value: string;
  /** Hears the value whenever it is whole. */
  onInput: (value: string) => void;
  hour?: boolean;
}

/** The locale whose order is dd/MM/yyyy HH:mm, as it is written in both our languages. */
const order = 'en-GB';

const segmentWords: Record<string, Word> = {
  day: 'day',
  month: 'month',
  year: 'year',
  hour: 'hourOfDay',
  minute: 'minute',
};

/** DateField is required: a form that holds it is not sent while it is empty. */
export function DateField({ name, label, value, onInput, hour = false }: Props) {
  const id = useId();
  const service = useMachine(dateInput.machine, {
    id,
    locale: order,
    granularity: hour ? 'minute' : 'day',
    hourCycle: 24,
    shouldForceLeadingZeros: true,
    value: parse(value, hour),
    translations: { placeholder: () => placeholders() },
    onValueChange: (details) => onInput(written(details.value[0])),
  });
  const api = dateInput.connect(service, normalizeProps);
  const isWhole = api.getSegments().every((segment) => !segment.isPlaceholder);
  return (
    <div class="op-field" data-testid={`date-${name}`}>
      <span {...labelled(api.getLabelProps())}>{w(label)}</span>
      <div {...api.getControlProps()} class="op-date num">
        <span {...api.getSegmentGroupProps()}>
          {api.getSegments().map((segment, i) => (
            <span key={i} {...segmentProps(api, segment)}>
              {segment.text.replace(',', '')}
            </span>
          ))}
        </span>
        <small>{isWhole && weekday(value)}</small>
        {/* What the browser refuses to send while a part is missing. */}
        <input
          name={name}
          value={isWhole ? value : ''}
          required
          tabIndex={-1}
          aria-hidden="true"
          onFocus={() => api.focus()}
        />
      </div>
    </div>
  );
}

type Api = ReturnType<typeof dateInput.connect>;

/** A caption of a group is no <label>: there is no one field it could be of. */
function labelled({ htmlFor: _, ...rest }: Record<string, unknown>) {
  return rest;
}

/** The library's parts, with their names in our language and the event by the name the DOM has for it. */
function segmentProps(api: Api, segment: dateInput.DateSegment) {
  const {
    onBeforeInput,
    suppressContentEditableWarning: _,
    ...props
  } = api.getSegmentProps({ segment }) as Record<string, unknown>;
  const word = segmentWords[segment.type];
  return { ...props, onbeforeinput: onBeforeInput, ...(word && { 'aria-label': w(word) }) };
}

function placeholders() {
  const two = '––';
  return { year: '––––', month: two, day: two, hour: two, minute: two, second: two, dayPeriod: '', era: '' };
}

function parse(value: string, hour: boolean): DateValue[] {
  if (!value) return [];
  return [hour ? parseDateTime(value) : parseDate(value)];
}

/** written is the value without seconds, as the wire and Date read it. */
function written(value: DateValue | undefined): string {
  return value ? value.toString().slice(0, 'yyyy-mm-ddThh:mm'.length) : '';
}

function weekday(value: string): string {
  if (!value) return '';
  const day = new Date(value.includes('T') ? value : `${value}T00:00`);
  return day.toLocaleDateString(lang.value, { weekday: 'long' });
}
