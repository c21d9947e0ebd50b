DELETE FROM code WHERE set = 'locality';
