"""How readings are smoothed before a machine is judged as a whole."""

# The customary weight for small shifts: Lucas, Saccucci, Technometrics 32, 1990.
SMOOTHING = 0.05
# What a moving average leaves of the variance of independent readings.
NOISE_LEFT = SMOOTHING / (2.0 - SMOOTHING)
