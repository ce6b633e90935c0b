//! What every program needs: arguments, telemetry, health, metrics, problems, graceful stop.
