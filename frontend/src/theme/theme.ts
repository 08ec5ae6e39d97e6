import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  InputWrapper,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';
import { darkTokens, lightTokens, type SchemeTokens, toVariables } from './tokens';

const slate: MantineColorsTuple = [
  '#f4f5f5',
  '#e4e6e7',
  '#c8cbcd',
  '#abafb3',
  '#8f9498',
  '#73787d',
  '#5a5f64',
  '#4a4f54',
  '#3d4348',
  '#2b3034',
];

const gray: MantineColorsTuple = [
  '#f7f7f8',
  '#eff0f0',
  '#e3e4e5',
  '#d5d7d8',
  '#c3c5c7',
  '#a3a6a9',
  '#7d8185',
  '#4b4f53',
  '#343739',
  '#1d1f21',
];

const dark: MantineColorsTuple = [
  '#e4e6e7',
  '#b1b5b8',
  '#9ea2a5',
  '#85898d',
  '#44484b',
  '#393d40',
  '#2e3134',
  '#25282a',
  '#1b1d1f',
  '#131416',
];

/** Mantine chooses the text colour of filled controls for the light scheme only; the token fits both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  return input.variant === 'filled' ? { ...colors, color: 'var(--pw-on-accent)' } : colors;
};

export const theme = createTheme({
  colors: { slate, gray, dark },
  primaryColor: 'slate',
  primaryShade: { light: 8, dark: 2 },
  variantColorResolver,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 3,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Help below the field: fields of a row stay level when a help text wraps.
    InputWrapper: InputWrapper.extend({
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
    }),
  },
  shadows: { xs: 'none', sm: 'none', md: 'none', lg: 'none', xl: 'none' },
});

function mantineVariables(tokens: SchemeTokens): Record<string, string> {
  return {
    ...toVariables(tokens),
    '--mantine-color-body': tokens.background,
    '--mantine-color-text': tokens.text,
    '--mantine-color-dimmed': tokens.textDim,
    '--mantine-color-default': tokens.panelRaised,
    '--mantine-color-default-color': tokens.text,
    '--mantine-color-default-border': tokens.borderStrong,
    '--mantine-color-placeholder': tokens.textDim,
    // A wrong form field is not an alarm: it says so in words, without an alarm colour.
    '--mantine-color-error': tokens.text,
    '--mantine-primary-color-filled': tokens.accent,
    '--mantine-primary-color-filled-hover': tokens.text,
    '--mantine-primary-color-contrast': tokens.onAccent,
  };
}

/** Feeds the tokens of each scheme to Mantine and to our own styles. */
export const variablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: mantineVariables(lightTokens),
  dark: mantineVariables(darkTokens),
});
