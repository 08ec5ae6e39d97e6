import { useNow } from '~/lib/now';
import { type Bar, nowPosition, type Shift, toBars, toDayMarks } from '../model/calendar';
import { momentText } from '../model/momentText';
import classes from './CalendarStrip.module.css';

interface CalendarStripProps {
  name: string;
  shifts: readonly Shift[];
  from: Date;
  to: Date;
}

/** As much of the name as there is room for; the whole of it is in the title. */
function barText({ width, name, initials }: Bar): string {
  if (width > 9) {
    return name;
  }
  return width > 2.5 ? initials : '';
}

/** Who is on call in the coming days, as a line; by the browser's clock. */
export function CalendarStrip({ name, shifts, from, to }: CalendarStripProps) {
  const position = nowPosition(useNow(), from, to);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.frame} aria-label={`Calendar of ${name}`} tabIndex={0}>
      <div className={classes.strip}>
        {toDayMarks(from, to).map((day) => (
          <span
            key={day.key}
            className={classes.day}
            data-weekend={day.isWeekend || undefined}
            style={{ left: `${day.left}%`, width: `${100 / 14}%` }}
          >
            {day.label}
          </span>
        ))}
        <ol className={`pw-list ${classes.bars}`}>
          {toBars(shifts, from, to).map((bar) => (
            <li
              key={bar.key}
              className={classes.bar}
              data-pattern={bar.pattern}
              data-override={bar.isOverride || undefined}
              data-nobody={bar.pattern < 0 || undefined}
              style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
              title={`${bar.name}, ${momentText(bar.start)} to ${momentText(bar.end)}${bar.isOverride ? ', override' : ''}`}
            >
              {barText(bar)}
              <span className="pw-hidden">
                {` ${bar.name} from ${momentText(bar.start)} to ${momentText(bar.end)}${bar.isOverride ? ', override' : ''}`}
              </span>
            </li>
          ))}
        </ol>
        {position !== null && <div className={classes.now} style={{ left: `${position}%` }} />}
      </div>
    </section>
  );
}
