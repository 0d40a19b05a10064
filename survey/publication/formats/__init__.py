"""Released estimates in the files that statistical systems read; every value is a released one."""
