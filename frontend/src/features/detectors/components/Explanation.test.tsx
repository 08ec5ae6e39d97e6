import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Explanation } from './Explanation';

it('says in words what the picture shows', () => {
  render(
    <Explanation
      severity="WARNING"
      cause="STATIC_BASELINE"
      inputs={{ n: 42, mean: '50.0', std: '1.0', quantum: '1.0', spread: '1.0', caution: '1.0' }}
      formula="score = |value - mean| / (spread * caution)"
      value={59}
      unit="mm/s"
      score={9}
      threshold={5}
    />,
  );
  expect(
    screen.getByRole('img', { name: 'Value 59.00 mm/s; mean of 7 days 50.00, limits 45.00 and 55.00' }),
  ).toBeInTheDocument();
  expect(screen.getByText('9.00 ≥ 5.00, the threshold')).toBeInTheDocument();
  expect(screen.getByText('score = |value - mean| / (spread * caution)')).toBeInTheDocument();
});
